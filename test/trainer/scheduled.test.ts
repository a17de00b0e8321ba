import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEvents } from '../../src/store/events.ts';
import { readRunFile, requestStop } from '../../src/store/run-folder.ts';
import { trainScheduled } from '../../src/trainer/scheduled.ts';
import { measurements } from './run-results.ts';
import { smallProject, type SmallProject } from './small-run.ts';

let project: SmallProject;
beforeAll(async () => void (project = await smallProject()));
afterAll(() => project.remove());

/** Trains as a job does until its first steps, lets something happen, and gives how it ended. */
async function cutShort(dir: string, happens: (signals: EventEmitter) => unknown): Promise<string> {
  const signals = new EventEmitter();
  const ended = trainScheduled(dir, signals);
  while (!(await readEvents(dir)).some(({ kind }) => kind === 'step')) await sleep(20);
  await happens(signals);
  return ended;
}

describe('a run that a scheduler starts', () => {
  it('waits in the queue after a SIGTERM, and then comes to what it would have come to', async () => {
    const config = project.config((changed) => (changed.train.steps = 40));
    const [dir, whole] = [await project.createRun(config), await project.createRun(config)];
    expect(await cutShort(dir, (signals) => signals.emit('SIGTERM'))).toBe('queued');
    const { status, process, step } = await readRunFile(dir);
    expect({ status, process }).toEqual({ status: 'queued', process: null });
    expect(step).toBeLessThan(config.train.steps);
    expect(await trainScheduled(dir, new EventEmitter())).toBe('finished');
    expect(await trainScheduled(whole, new EventEmitter())).toBe('finished');
    expect(measurements(await readEvents(dir))).toEqual(measurements(await readEvents(whole)));
  });

  it.for([
    ['a SIGINT', (signals: EventEmitter) => signals.emit('SIGINT')],
    ['a request in its folder', (_signals: EventEmitter, dir: string) => requestStop(dir)],
    [
      'a request in its folder, which the end of its job hurries',
      async (signals: EventEmitter, dir: string) => {
        await requestStop(dir);
        signals.emit('SIGTERM');
      },
    ],
  ] as const)('is stopped by %s, and no job begins it again', async ([, happens]) => {
    const dir = await project.createRun(project.config((config) => (config.train.steps = 10_000)));
    expect(await cutShort(dir, (signals) => happens(signals, dir))).toBe('stopped');
    const { step } = await readRunFile(dir);
    expect(await trainScheduled(dir, new EventEmitter())).toBe('stopped');
    expect(await readRunFile(dir)).toMatchObject({ status: 'stopped', step });
  });
});
