import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { pumpQueue } from '../../src/launcher/queue.ts';
import { stopRun } from '../../src/launcher/stop.ts';
import { readEvents } from '../../src/store/events.ts';
import { ownProcess } from '../../src/store/process-identity.ts';
import { listRuns, readRunFile, statusOf } from '../../src/store/run-folder.ts';
import { buildStandIn } from './programs.ts';
import { projectFolder, queuedRun, standIn } from './runs.ts';

beforeAll(buildStandIn, 60_000);

test('the oldest runs start first, and no more than allowed', async () => {
  const project = projectFolder();
  const runsDir = join(project, '.tandem/runs');
  const dirs: string[] = [];
  for (let index = 0; index < 3; index++) {
    dirs.push(await queuedRun(project, 10_000, `run ${index}`));
    await sleep(2);
  }
  const first = await pumpQueue([runsDir], 2, standIn('good'));
  expect(first.started.map(({ dir }) => dir)).toEqual(dirs.slice(0, 2));
  expect(first).toMatchObject({ running: 2, waiting: 1, failed: [] });
  expect(await pumpQueue([runsDir], 2, standIn('good'))).toMatchObject({
    started: [],
    running: 2,
    waiting: 1,
  });
  await stopRun(dirs[0]!);
  const second = await pumpQueue([runsDir], 2, standIn('good'));
  expect(second.started.map(({ dir }) => dir)).toEqual([dirs[2]]);
  for (const dir of dirs) await stopRun(dir);
});

test('a run that cannot begin does not hold up the next', async () => {
  const project = projectFolder();
  const runsDir = join(project, '.tandem/runs');
  await queuedRun(project, 5, 'first');
  await sleep(2);
  await queuedRun(project, 5, 'second');
  const { started, failed } = await pumpQueue([runsDir], 1, standIn('crash at start'));
  expect(started).toEqual([]);
  expect(failed).toHaveLength(2);
  expect(failed[0]!.error.message).toContain('the sky has fallen');
});

test('several pumps at once never start a run twice or too many', async () => {
  const project = projectFolder();
  const runsDir = join(project, '.tandem/runs');
  for (let index = 0; index < 6; index++) await queuedRun(project, 30, `run ${index}`);
  let most = 0;
  const deadline = Date.now() + 100_000;
  for (;;) {
    await Promise.all(Array.from({ length: 4 }, () => pumpQueue([runsDir], 2, standIn('slow start', 1))));
    const statuses = (await listRuns(runsDir)).map(({ file }) => statusOf(file));
    most = Math.max(most, statuses.filter((status) => status === 'running').length);
    if (statuses.every((status) => status === 'finished') || Date.now() > deadline) break;
    await sleep(20);
  }
  expect(most).toBeLessThanOrEqual(2);
  for (const { dir } of await listRuns(runsDir)) {
    expect((await readRunFile(dir)).status).toBe('finished');
    expect((await readEvents(dir)).filter(({ kind }) => kind === 'started')).toHaveLength(1);
  }
});

test.for([
  ['was killed', { ...ownProcess(), start_time: ownProcess().start_time.replace(/^\d+/, '1') }, 0],
  ['is on another machine and silent', { pid: 7, start_time: '1@there', host: 'elsewhere' }, 16_000],
  ['lives and sleeps', ownProcess(), 16_000],
] as const)('a lock whose holder %s is taken over', async ([, holder, silentMs]) => {
  const project = projectFolder();
  const runsDir = join(project, '.tandem/runs');
  const dir = await queuedRun(project, 3);
  const lock = join(runsDir, '.queue', '5');
  mkdirSync(dirname(lock));
  writeFileSync(lock, JSON.stringify(holder));
  const since = (Date.now() - silentMs) / 1000;
  utimesSync(lock, since, since);
  const began = performance.now();
  const { started } = await pumpQueue([runsDir], 1, standIn('good'));
  expect(performance.now() - began).toBeLessThan(10_000);
  expect(started.map((one) => one.dir)).toEqual([dir]);
  await started[0]!.trainer.exited;
  // Locks of earlier holders do not pile up.
  expect(readdirSync(dirname(lock))).toEqual(['6']);
});

test('a lock that another machine renews is waited for, whatever its clock says', async () => {
  const project = projectFolder();
  const runsDir = join(project, '.tandem/runs');
  const dir = await queuedRun(project, 3);
  const lock = join(runsDir, '.queue', '1');
  mkdirSync(dirname(lock));
  writeFileSync(lock, JSON.stringify({ pid: 7, start_time: '1@there', host: 'elsewhere' }));
  const pumped = pumpQueue([runsDir], 1, standIn('good'));
  expect(await Promise.race([pumped, sleep(500, 'waits')])).toBe('waits');
  writeFileSync(lock, JSON.stringify({ released: 0 }));
  const { started } = await pumped;
  expect(started.map((one) => one.dir)).toEqual([dir]);
  await started[0]!.trainer.exited;
});
