import { appendFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openJournal } from '../../src/trainer/journal.ts';
import type { Engine } from '../../src/trainer/engines/engine.ts';
import type { RunConfig } from '../../src/experiment/config.ts';
import { showRun } from '../../src/launcher/show.ts';
import { emptyRunState, foldRun } from '../../src/protocol/state.ts';
import { readEvents } from '../../src/store/events.ts';
import { withLastStep } from '../../src/store/last-step.ts';
import { ownProcess } from '../../src/store/process-identity.ts';
import { claimRun, readRunFile, updateRunFile } from '../../src/store/run-folder.ts';
import { aConfig, aRun } from './a-config.ts';

const gone = { ...ownProcess(), start_time: ownProcess().start_time.replace(/^\d+/, '1') };
const step = (at: number): string =>
  `${JSON.stringify({ kind: 'step', time: 1000 + at, step: at, metrics: { 'train/loss': 1 } })}\n`;

test('after an abrupt end a list shows the step that show does, from the end of the events', async () => {
  const dir = await aRun();
  const lines = Array.from({ length: 4000 }, (_, index) => step(index + 1)).join('');
  await appendFile(join(dir, 'events.jsonl'), `${lines}{"kind":"step","time":1,"st`);
  await updateRunFile(dir, { status: 'running', process: ownProcess(), heartbeat: 1, step: 3932 });
  expect((await withLastStep(dir, await readRunFile(dir))).step).toBe(3932);
  await updateRunFile(dir, { process: gone });
  expect((await withLastStep(dir, await readRunFile(dir))).step).toBe(4000);
  expect((await showRun(dir)).step).toBe(4000);
  // A line that is longer than what is read first.
  await appendFile(
    join(dir, 'events.jsonl'),
    `\n${step(4001).replace('}}', `,"${'x'.repeat(1 << 18)}":1}}`)}`,
  );
  expect((await withLastStep(dir, await readRunFile(dir))).step).toBe(4001);
  await rm(join(dir, 'events.jsonl'));
  expect((await withLastStep(dir, await readRunFile(dir))).step).toBe(3932);
});

test('after an abrupt end a list has the last loss, and the best of what run.json had and of what came after', async () => {
  const dir = await aRun();
  const losses = [1.5, 0.9, 1.2];
  const lines = losses.map((loss, index) =>
    JSON.stringify({ kind: 'step', time: 1000, step: 98 + index, metrics: { 'train/loss': loss } }),
  );
  await appendFile(join(dir, 'events.jsonl'), `${lines.join('\n')}\n`);
  const standing = { status: 'running' as const, process: gone, heartbeat: 1, step: 98 };
  const lossOf = async (best: number) => {
    const summary = { 'train/loss': { last: 1.5, best, best_step: 7, count: 98 } };
    await updateRunFile(dir, { ...standing, summary });
    const { summary: shown } = await showRun(dir);
    expect((await withLastStep(dir, await readRunFile(dir))).summary).toEqual(shown);
    return shown['train/loss'];
  };
  expect(await lossOf(1)).toMatchObject({ last: 1.2, best: 0.9, best_step: 99 });
  expect(await lossOf(0.8)).toMatchObject({ last: 1.2, best: 0.8, best_step: 7 });
});

test('a run that is resumed without its events says so', async () => {
  const dir = await aRun();
  const engine = {
    name: 'cpu',
    provider: null,
    device: 'a CPU',
    threads: 1,
    why: '',
    measured: [],
  } as unknown as Engine;
  const config = { ...aConfig, optimizer: { clip_norm: 1 }, loss: { kind: 'info_nce' } } as RunConfig;
  const notesFrom = async (from: number): Promise<string[]> => {
    const claim = await claimRun(dir);
    const beginning = {
      step: from,
      summary: {},
      trainPairs: 4,
      valPairs: 0,
      stepsPerEpoch: 1,
      findings: [],
      data: '',
    };
    const journal = await openJournal(dir, claim, config, engine, beginning);
    await journal.end(from, 'stopped', null);
    await claim.release();
    return foldRun(emptyRunState(), await readEvents(dir)).notes.map(({ message }) => message);
  };
  expect(await notesFrom(0)).toEqual([]);
  expect(await notesFrom(10)).toEqual([]);
  await rm(join(dir, 'events.jsonl'));
  expect(await notesFrom(10)).toEqual([
    'The events of the steps up to 10 are not there any more: events.jsonl was deleted or emptied. The training goes on from its checkpoint; the curves begin here.',
  ]);
});
