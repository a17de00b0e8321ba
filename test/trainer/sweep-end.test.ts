import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SweepPlace } from '../../src/protocol/run.ts';
import { checkpointSteps } from '../../src/store/checkpoints.ts';
import { readEvents } from '../../src/store/events.ts';
import { readRunFile } from '../../src/store/run-folder.ts';
import { trainRun } from '../../src/trainer/run.ts';
import { smallProject, type SmallProject } from './small-run.ts';

let project: SmallProject;
beforeAll(async () => void (project = await smallProject()));
afterAll(() => project.remove());

const place = (index: number, more: Partial<SweepPlace>): SweepPlace => ({
  id: 'one',
  index,
  count: 3,
  ...more,
});

/** A run of six steps, evaluated at the third; `rate` of all branches. */
async function trained(rate: number, sweep: SweepPlace): Promise<string> {
  const dir = await project.createRun(
    project.config((config) => {
      config.optimizer.learning_rate = { image: rate, text: rate, fusion: rate, scale: rate };
      config.optimizer.schedule = { ...config.optimizer.schedule, kind: 'constant', warmup: 0 };
    }),
    sweep,
  );
  await trainRun(dir);
  return dir;
}

test('a run that is behind the others at a rung is stopped there, and can be trained on', async () => {
  const stop_early = { metric: 'val/recall@1', reduction: 2, rungs: [3] };
  const good = await trained(1e-3, place(0, { stop_early }));
  const first = await readRunFile(good);
  expect(first).toMatchObject({ status: 'finished', step: 6 });
  const atRung = (await readEvents(good)).find((event) => event.kind === 'eval' && event.step === 3);
  expect(first.rungs).toEqual([atRung?.kind === 'eval' && atRung.metrics['val/recall@1']]);

  const bad = await trained(10, place(1, { stop_early }));
  const second = await readRunFile(bad);
  expect(second).toMatchObject({ status: 'stopped_early', step: 3, steps: 6 });
  expect(second.rungs[0]).toBeLessThan(first.rungs[0]!);
  expect(second.reason).toMatch(
    /^Stopped early at rung 1 of 1 \(step 3\): its val\/recall@1 is .* behind trial 1 \(/,
  );
  expect((await readEvents(bad)).at(-1)).toMatchObject({ kind: 'ended', status: 'stopped_early', step: 3 });
  expect(await checkpointSteps(bad)).toContain(3);

  // Another sweep's runs are no measure.
  const other = await trained(10, { ...place(1, { stop_early }), id: 'two' });
  expect((await readRunFile(other)).status).toBe('finished');

  await trainRun(bad);
  expect(await readRunFile(bad)).toMatchObject({ status: 'finished', step: 6, reason: null });
});

test('runs end when what the sweep may use is used up', async () => {
  const budget = { runs: null, steps: 8, hours: null };
  const first = await trained(1e-3, { ...place(0, { budget }), id: 'three' });
  expect((await readRunFile(first)).status).toBe('finished');
  const second = await trained(1e-3, { ...place(1, { budget }), id: 'three' });
  expect(await readRunFile(second)).toMatchObject({
    status: 'stopped',
    step: 3,
    reason:
      "The sweep's budget of 8 steps is used up. With a larger sweep.budget.steps, tandem sweep goes on with what is left.",
  });
});
