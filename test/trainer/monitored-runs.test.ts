import { EventEmitter } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunConfig } from '../../src/experiment/config.ts';
import type { FindingEvent } from '../../src/protocol/events.ts';
import { readEvents } from '../../src/store/events.ts';
import { trainRun } from '../../src/trainer/run.ts';
import { smallProject, type SmallProject } from './small-run.ts';

let project: SmallProject;
beforeAll(async () => void (project = await smallProject()));
afterAll(() => project.remove());

/** What a real run of 210 steps says of itself. */
async function findingsOf(change: (config: RunConfig) => void): Promise<FindingEvent[]> {
  const dir = await project.createRun(
    project.config((config) => {
      config.train.steps = 210;
      config.eval.every = 70;
      config.checkpoint.every = 210;
      change(config);
    }),
  );
  expect(await trainRun(dir, new EventEmitter())).toBe('finished');
  return (await readEvents(dir)).filter((event) => event.kind === 'finding');
}

describe('a real run', () => {
  it('at a rate of 2 says that it is at chance, and which setting to change', async () => {
    const findings = await findingsOf(({ optimizer }) => {
      // At 10 one step in twenty leaves chance, which is all that the finding allows: the last bit of a pixel decided.
      optimizer.learning_rate = { image: 2, text: 2, fusion: 2, scale: 2 };
    });
    const found = findings.find(({ code }) => code === 'at_chance');
    expect(found).toMatchObject({
      severity: 'error',
      key: 'optimizer.learning_rate.image',
      change: { path: 'optimizer.learning_rate.image', value: 1e-3 },
    });
    // Batches of 8: ln 8, less where captions repeat.
    expect(found!.evidence['chance']).toBeLessThanOrEqual(Math.log(8));
    expect(found!.evidence['chance']).toBeGreaterThan(2);
  });

  it('that learns well says nothing worse than a remark', async () => {
    const findings = await findingsOf(() => undefined);
    // How fast a machine reads and computes is its own affair.
    const own = findings.filter(({ code }) => code !== 'data_wait' && code !== 'slower');
    expect(own.map(({ severity, code }) => `${severity} ${code}`)).toEqual(['info mostly_clipped']);
  });
});
