import { execFileSync, spawn } from 'node:child_process';
import { pbkdf2 } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import type { RunFile } from '../../src/protocol/run.ts';
import { findingsOfRuns } from '../../src/launcher/run-findings.ts';
import { followRun } from '../../src/launcher/follow.ts';
import { startTrainer } from '../../src/launcher/start.ts';
import { killRun, stopRun } from '../../src/launcher/stop.ts';
import { readEvents } from '../../src/store/events.ts';
import { identityOf } from '../../src/store/process-identity.ts';
import { claimRun, logFile, readRunFile, statusOf, updateRunFile } from '../../src/store/run-folder.ts';
import { buildStandIn, programs } from './programs.ts';
import { projectFolder, queuedRun, standIn } from './runs.ts';

beforeAll(buildStandIn, 60_000);

async function ended(dir: string): Promise<RunFile> {
  const file = await readRunFile(dir);
  return { ...file, status: statusOf(file) };
}

test('a trainer is started, followed and seen to finish', async () => {
  const dir = await queuedRun(projectFolder(), 20);
  const trainer = await startTrainer(dir, standIn('good'));
  expect((await readRunFile(dir)).process?.pid).toBe(trainer.pid);
  const steps: number[] = [];
  const state = await followRun(dir, trainer, (_, { step }) => steps.push(step));
  expect(state.series.get('train/loss')?.length).toBe(20);
  expect(steps.at(-1)).toBe(20);
  expect(await ended(dir)).toMatchObject({ status: 'finished', step: 20 });
  expect(readFileSync(logFile(dir), 'utf8')).toContain('training 20 steps');
});

test('a trainer outlives the process that started it', async () => {
  const dir = await queuedRun(projectFolder(), 40);
  const script = `
    import { spawn } from 'node:child_process';
    const child = spawn(process.execPath, [${JSON.stringify(programs.standIn)}, ${JSON.stringify(dir)}], { detached: true, stdio: 'ignore' });
    child.unref();`;
  execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, STAND_IN: 'good', STAND_IN_MS: '20' },
  });
  while ((await ended(dir)).status === 'queued') await sleep(20);
  await followRun(dir, null, () => undefined);
  expect((await ended(dir)).status).toBe('finished');
});

test('a crash in the middle becomes an end event with the exit code and the telling line', async () => {
  const dir = await queuedRun(projectFolder());
  const state = await followRun(dir, await startTrainer(dir, standIn('crash')), () => undefined);
  expect(state.ended).toMatchObject({ kind: 'ended', status: 'failed', step: 10 });
  expect(await ended(dir)).toMatchObject({
    status: 'failed',
    step: 10,
    findings: [],
    reason:
      'The trainer ended with exit code 9: Error: out of luck at step 10. The log has the rest; resume the run once the cause is gone.',
  });
  expect((await readEvents(dir)).filter((event) => event.kind === 'ended')).toHaveLength(1);
});

test('a crash before the run is taken up is told at once', async () => {
  const dir = await queuedRun(projectFolder());
  await expect(startTrainer(dir, standIn('crash at start'))).rejects.toThrow(
    /^The trainer ended before it began: Error: the sky has fallen\. Its whole output is in /,
  );
  expect(await ended(dir)).toMatchObject({ status: 'failed', step: 0 });
});

test('garbage on the output does no harm', async () => {
  const dir = await queuedRun(projectFolder());
  await expect(startTrainer(dir, standIn('garbage'))).rejects.toThrow(/^The trainer ended before it began/);
  expect((await ended(dir)).reason).toMatch(/^The trainer ended with exit code 7/);
});

test('a trainer that says nothing and ends well has still not trained', async () => {
  const dir = await queuedRun(projectFolder());
  await expect(startTrainer(dir, standIn('silent'))).rejects.toThrow(/^The trainer ended before it began\./);
  expect((await ended(dir)).status).toBe('failed');
});

test('a program that is not there is told by its path', async () => {
  const dir = await queuedRun(projectFolder());
  const program = { ...standIn('good'), nodePath: '/no/such/node' };
  await expect(startTrainer(dir, program)).rejects.toThrow('/no/such/node could not be started');
  expect((await ended(dir)).status).toBe('failed');
});

test('a killed trainer is told as killed by the process that started it', async () => {
  const dir = await queuedRun(projectFolder());
  await followRun(dir, await startTrainer(dir, standIn('killed')), () => undefined);
  expect(await ended(dir)).toMatchObject({ status: 'failed', step: 10 });
  expect((await ended(dir)).reason).toContain('SIGKILL');
});

describe('a trainer without memory', () => {
  const relief = { path: 'train.micro_batch', value: 16 } as const;
  const endOf = async (way: 'memory' | 'killed', bytes: number) => {
    const dir = await queuedRun(projectFolder());
    await updateRunFile(dir, {
      memory: { weights: bytes, training: 0, activations: 0, program: 0, relief },
    });
    await followRun(dir, await startTrainer(dir, standIn(way)), () => undefined);
    return ended(dir);
  };

  test('names the micro-batch that would fit, and offers it in the file', async () => {
    const file = await endOf('memory', 1e9);
    expect(file.reason).toMatch(/^The trainer ran out of memory\. Set train\.micro_batch to 16: /);
    const [finding] = findingsOfRuns([file]);
    expect(finding).toMatchObject({
      code: 'out_of_memory',
      severity: 'warning',
      paths: ['train.batch_size'],
    });
    expect(finding!.fixes).toEqual([{ set: 'train.micro_batch', to: '16' }]);
  });

  test('was killed by the system where it took most of the machine; else nobody knows by whom', async () => {
    const file = await endOf('killed', totalmem());
    expect(file.reason).toMatch(
      /^The trainer was killed \(SIGKILL\).* to take about .* Set train\.micro_batch to 16/,
    );
    expect(file.findings.map(({ code }) => code)).toEqual(['out_of_memory']);
    expect((await endOf('killed', 1e6)).findings).toEqual([]);
  });
});

test('a trainer killed while nobody looked is interrupted', async () => {
  const dir = await queuedRun(projectFolder(), 10_000);
  const { pid } = await startTrainer(dir, standIn('good'));
  process.kill(pid, 'SIGKILL');
  while ((await ended(dir)).status === 'running') await sleep(10);
  expect((await ended(dir)).status).toBe('interrupted');
});

test('a stopped run goes on where it was', async () => {
  const steps = 1000; // ten seconds: a busy machine must not be done before it is stopped
  const dir = await queuedRun(projectFolder(), steps);
  await startTrainer(dir, standIn('good', 10));
  while (!(await readEvents(dir)).some(({ kind }) => kind === 'step')) await sleep(10);
  expect(await stopRun(dir)).toBe('stopped');
  const { status, step } = await ended(dir);
  expect(status).toBe('stopped');
  expect(step).toBeGreaterThan(0);
  expect(step).toBeLessThan(steps);
  const state = await followRun(dir, await startTrainer(dir, standIn('good', 1)), () => undefined);
  expect(state.series.get('train/loss')?.length).toBe(steps);
  expect((await ended(dir)).status).toBe('finished');
});

test('a trainer that does not listen is killed after the grace period', async () => {
  const dir = await queuedRun(projectFolder(), 10_000);
  const { pid } = await startTrainer(dir, standIn('deaf'));
  expect(await stopRun(dir, { graceMs: 300 })).toBe('killed');
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  expect(await ended(dir)).toMatchObject({ status: 'stopped' });
});

test('a run that has not begun leaves the queue, one that has ended is left alone', async () => {
  const dir = await queuedRun(projectFolder());
  expect(await stopRun(dir)).toBe('stopped');
  expect(await ended(dir)).toMatchObject({ status: 'stopped', reason: 'Stopped before it began.' });
  expect(await stopRun(dir)).toBe('not_running');
  await killRun(dir);
  expect((await readEvents(dir)).filter((event) => event.kind === 'ended')).toHaveLength(1);
});

test('a run that a trainer is just taking up is not called stopped before it is', async () => {
  const dir = await queuedRun(projectFolder(), 20);
  const claim = await claimRun(dir);
  const stopping = stopRun(dir, { graceMs: 20_000 });
  await sleep(200);
  expect((await ended(dir)).status).toBe('queued');
  await claim.release(); // that trainer died: now the wait can be ended
  expect(await stopping).toBe('stopped');
  expect(await ended(dir)).toMatchObject({ status: 'stopped', reason: 'Stopped before it began.' });
});

test('a trainer that lives for a moment is seen to end, however short the moment', async () => {
  const folder = projectFolder();
  const nodePath = join(folder, 'at-once');
  writeFileSync(nodePath, '#!/bin/sh\nexit 7\n', { mode: 0o755 });
  const busy: Promise<unknown>[] = [];
  const program = {
    nodePath,
    trainerFile: 'none',
    /** Asked for at the spawn: from then on all threads are busy, and closing the log takes longer than that trainer lives. */
    get env() {
      for (let thread = 0; thread < 8; thread++)
        busy.push(promisify(pbkdf2)('', '', 1_000_000, 64, 'sha512'));
      return {};
    },
  };
  const dir = await queuedRun(folder);
  await expect(startTrainer(dir, program)).rejects.toThrow(/^The trainer ended before it began/);
  await Promise.all(busy);
  expect((await ended(dir)).reason).toMatch(/^The trainer ended with exit code 7\. /);
}, 20_000);

test.for(['deleted', 'moved'])(
  'the follower of a run whose folder is %s ends, and so does its trainer',
  async (what) => {
    const folder = projectFolder();
    const dir = await queuedRun(folder, 100_000);
    const trainer = await startTrainer(dir, standIn('good', 10));
    const following = followRun(dir, trainer, () => undefined);
    const elsewhere = followRun(dir, null, () => undefined);
    const began = performance.now();
    if (what === 'deleted') rmSync(dir, { recursive: true });
    else renameSync(dir, join(folder, 'moved'));
    for (const one of [following, elsewhere]) await expect(one).rejects.toMatchObject({ code: 'run_gone' });
    expect(performance.now() - began).toBeLessThan(2000);
    await trainer.exited;
  },
);

test('the last events are given although they come with the end of the process', async () => {
  for (let time = 0; time < 5; time++) {
    const dir = await queuedRun(projectFolder(), 7);
    const state = await followRun(dir, await startTrainer(dir, standIn('good', 1)), () => undefined);
    expect([state.step, state.ended?.status]).toEqual([7, 'finished']);
  }
});

test('a suspended trainer that is stopped saves and ends', async () => {
  const dir = await queuedRun(projectFolder(), 10_000);
  const { pid } = await startTrainer(dir, standIn('good', 10));
  process.kill(pid, 'SIGSTOP');
  expect(await stopRun(dir, { graceMs: 20_000 })).toBe('stopped');
  expect(await ended(dir)).toMatchObject({ status: 'stopped', reason: null });
});

test('whoever follows a run that is ended on purpose says so, not that memory ran out', async () => {
  const dir = await queuedRun(projectFolder(), 10_000);
  const following = followRun(dir, await startTrainer(dir, standIn('deaf')), () => undefined);
  while ((await readRunFile(dir)).step < 10) await sleep(10);
  expect(await stopRun(dir, { graceMs: 100 })).toBe('killed');
  const state = await following;
  const reason = 'Ended at once, without a last checkpoint. Resume goes on from the one before.';
  expect(state.ended).toMatchObject({ status: 'stopped', reason });
  expect(await ended(dir)).toMatchObject({ status: 'stopped', reason, step: state.step });
});

test('a run.json that names another program ends nothing', async () => {
  const other = spawn('sleep', ['60']);
  const real = identityOf(other.pid!)!;
  const place = real.start_time.slice(real.start_time.indexOf('@'));
  const forged = [`?${place}`, `1${place}`, `${place}`, '?@', '?', ''];
  try {
    for (const start_time of forged) {
      const dir = await queuedRun(projectFolder());
      const identity = { pid: other.pid!, host: real.host, start_time };
      await updateRunFile(dir, { status: 'running', process: identity, heartbeat: Date.now() });
      await stopRun(dir, { graceMs: 0 }).catch((error: Error) => {
        expect(error).toMatchObject({ code: 'stop_elsewhere' });
      });
      await killRun(dir);
      expect(identityOf(other.pid!)).toEqual(real);
    }
  } finally {
    other.kill('SIGKILL');
  }
});

test('a run that waits a second time leaves the queue at once', async () => {
  const dir = await queuedRun(projectFolder(), 1000);
  await startTrainer(dir, standIn('good', 10));
  await stopRun(dir);
  await updateRunFile(dir, { status: 'queued', process: null });
  expect(await stopRun(dir, { graceMs: 5000 })).toBe('stopped');
});

test('a trainer that was killed after its last word has ended as it said', async () => {
  const dir = await queuedRun(projectFolder(), 20);
  await followRun(dir, await startTrainer(dir, standIn('good')), () => undefined);
  await updateRunFile(dir, { status: 'running', step: 10 });
  expect((await ended(dir)).status).toBe('interrupted');
  await killRun(dir);
  expect(await ended(dir)).toMatchObject({ status: 'finished', reason: null, step: 20 });
});
