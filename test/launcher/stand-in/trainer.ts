import { setTimeout as sleep } from 'node:timers/promises';
import { claimRun } from '../../../src/store/claim.ts';
import { openEventWriter } from '../../../src/store/events.ts';
import { clearStop, readRunFile, stopRequested, updateRunFile } from '../../../src/store/run-folder.ts';

/**
 * A tiny program in the trainer's place: it takes a run up, counts steps and ends in the way that STAND_IN names.
 * STAND_IN_MS is the time of a step; the number of steps is the run's.
 */
const way = process.env['STAND_IN'] ?? 'good';
const stepMs = Number(process.env['STAND_IN_MS'] ?? '5');
const dir = process.argv[2]!;

if (dir === '--engines') {
  process.stdout.write(JSON.stringify([{ name: 'cpu', works: true, reason: 'always there' }]));
  process.exit(0);
}
if (way === 'crash at start') throw new Error('the sky has fallen');
if (way === 'garbage') {
  process.stdout.write(Buffer.from([0xff, 0xfe, 0, 1, 2, 27, 91, 51, 49, 109, 10]));
  process.exit(7);
}
if (way === 'silent') process.exit(0);
if (way === 'slow start') await sleep(700);

let asked = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => (asked = true));

const claim = await claimRun(dir);
await clearStop(dir);
const { steps, step: done } = await readRunFile(dir);
await updateRunFile(dir, { status: 'running', process: claim.process, heartbeat: Date.now() });
const events = await openEventWriter(dir);
events.write({
  kind: 'started',
  time: Date.now(),
  step: done,
  steps,
  steps_per_epoch: 10,
  batch_size: 8,
  engine: 'stand-in',
  provider: null,
  device: 'none',
  threads: 1,
  clip_norm: 1,
  train_pairs: 80,
  val_pairs: 8,
});
process.stdout.write(`training ${steps} steps\n`);

let step = done;
while (step < steps) {
  await sleep(stepMs);
  step++;
  events.write({ kind: 'step', time: Date.now(), step, metrics: { 'train/loss': 4 / step } });
  if (step % 10 === 0) {
    events.write({ kind: 'checkpoint', time: Date.now(), step, best: false });
    await updateRunFile(dir, { step, heartbeat: Date.now() });
  }
  if (step === 10) {
    if (way === 'finding') {
      const finding = {
        step,
        severity: 'error' as const,
        code: 'at_chance',
        key: 'optimizer.learning_rate.image',
        message: 'The loss has been at chance for 200 steps.',
        advice: 'Lower optimizer.learning_rate.image.',
        evidence: { loss: 2.08, chance: 2.08, steps: 200 },
        change: { path: 'optimizer.learning_rate.image', value: 1e-3 },
      };
      events.write({ kind: 'finding', time: Date.now(), ...finding });
      await updateRunFile(dir, { findings: [finding] });
    }
    const isSecond = way === 'crash second' && (await readRunFile(dir)).sweep?.index === 1;
    if (way === 'crash' || isSecond) {
      console.error('Error: out of luck at step 10\n    at train (trainer.js:1:1)');
      process.exit(9);
    }
    if (way === 'killed') process.kill(process.pid, 'SIGKILL');
    if (way === 'memory') {
      console.error('FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory');
      process.abort();
    }
    if (way === 'diverge') {
      const reason =
        'The gradient of the image branch was not finite for 5 steps in a row, up to step 10 (its last finite norm was 412).';
      events.write({ kind: 'ended', time: Date.now(), step, status: 'diverged', reason });
      await events.close();
      await updateRunFile(dir, { status: 'diverged', step, reason });
      await claim.release();
      process.exit(3);
    }
  }
  const stop = way !== 'deaf' && (asked || (await stopRequested(dir)));
  if (stop) break;
}
const status = step < steps ? 'stopped' : 'finished';
events.write({ kind: 'ended', time: Date.now(), step, status });
await events.close();
await updateRunFile(dir, { status, step });
await claim.release();
process.exit(0);
