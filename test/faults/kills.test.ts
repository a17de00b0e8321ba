import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rng } from '../../src/data/hash.ts';
import type { RunStatus } from '../../src/protocol/events.ts';
import { bestCheckpoint, latestCheckpoint } from '../../src/store/checkpoints.ts';
import { readEvents } from '../../src/store/events.ts';
import { listRuns, readRunFile, statusOf } from '../../src/store/run-folder.ts';
import { buildPrograms } from '../launcher/programs.ts';
import { digestOf, measurements, withoutClock } from '../trainer/run-results.ts';
import { smallProject, type SmallProject } from '../trainer/small-run.ts';
import { type Company, type Kill, trainerLife } from './life.ts';

/** How many times a trainer is killed: `KILLS=500 npx vitest run test/faults` for a thorough look, `KILL_SEED` for other places. */
const kills = Number(process.env['KILLS'] ?? 9);
const seed = Number(process.env['KILL_SEED'] ?? 1);
/** How long after a death the status may still be another. */
const statusMs = 5_000;

let project: SmallProject;
beforeAll(async () => {
  await buildPrograms();
  project = await smallProject();
}, 120_000);
afterAll(() => project.remove());

const newRun = (): Promise<string> =>
  project.createRun(
    project.config((config) => {
      config.train.steps = 24;
      config.eval.every = 4;
      config.checkpoint = { every: 2, keep: 2, keep_optimizer: true, best: 'val/loss' };
      config.model.text_encoder.dropout = 0.1;
    }),
  );

/** All that must not depend on how often a run was killed. */
async function outcome(dir: string) {
  const { status, step, reason, summary } = await readRunFile(dir);
  const [latest, best] = [await latestCheckpoint(dir), await bestCheckpoint(dir)];
  return {
    standing: { status, step, reason, summary: withoutClock(summary) },
    measured: measurements(await readEvents(dir)),
    latest: latest && { step: latest.step, digest: digestOf(latest) },
    best: best && { step: best.step, digest: digestOf(best) },
  };
}

/** A place in a life of so many milliseconds; as often in its events and in its checkpoints. */
function drawKill(index: number, lifeMs: number): Kill {
  const random = rng('kill', seed, index);
  const where = (['time', 'line', 'checkpoint'] as const)[index % 3]!;
  // A run of 24 steps has about 45 lines; a checkpoint takes 10 operations and the removal of an old one 2.
  const limit = { time: Math.round(lifeMs), line: 20, checkpoint: 60 }[where];
  return { where, at: 1 + random.int(limit), share: random.next() };
}

/** How a run must stand after a life of its trainer: never as one that trains. */
function statusesAfter(
  before: RunStatus,
  wasTaken: boolean,
  saidEnd: boolean,
  company: Company,
): RunStatus[] {
  // Without a launcher nobody brings to run.json what only the events could be told.
  if (saidEnd) return company === 'launcher' ? ['finished'] : ['finished', 'interrupted'];
  if (company === 'launcher') return ['failed'];
  return [wasTaken ? 'interrupted' : before];
}

async function killOnce(dir: string, kill: Kill, company: Company): Promise<boolean> {
  const before = await readRunFile(dir);
  const statusBefore = statusOf(before);
  const wasKilled = await trainerLife(dir, kill, company);
  const events = await readEvents(dir);
  const last = events.at(-1);
  const wasTaken = JSON.stringify((await readRunFile(dir)).process) !== JSON.stringify(before.process);
  const saidEnd = last?.kind === 'ended' && last.status === 'finished';
  const right = statusesAfter(statusBefore, wasTaken, saidEnd, company);
  await expect.poll(async () => statusOf(await readRunFile(dir)), { timeout: statusMs }).toBeOneOf(right);

  const entry = (await listRuns(dirname(dir))).find((run) => run.dir === dir);
  expect(entry).toMatchObject({ problem: null });
  // Whole, or not there: a damaged one would be named in the note of the one before.
  expect((await latestCheckpoint(dir))?.note ?? null).toBeNull();
  await bestCheckpoint(dir);
  return wasKilled;
}

it(
  `a run whose trainer is killed anywhere opens, is known to be dead, and ends as if it had not been (${kills} kills)`,
  async () => {
    const whole = await newRun();
    const began = performance.now();
    await trainerLife(whole, null, 'stranger');
    const lifeMs = performance.now() - began;
    const expected = await outcome(whole);
    expect(expected).toMatchObject({ standing: { status: 'finished', step: 24 }, latest: { step: 24 } });

    // Each run is killed three times. A kill that was to come after the end of its run does not count.
    let count = 0;
    for (let index = 0; count < kills; index += 3) {
      expect(index, 'few of the kills meet a living trainer').toBeLessThan(3 * kills);
      const dir = await newRun();
      const lives: string[] = [];
      try {
        for (let life = 0; life < 3 && statusOf(await readRunFile(dir)) !== 'finished'; life++) {
          const kill = drawKill(index + life, lifeMs);
          const company = rng('company', seed, index + life).int(2) ? 'launcher' : 'stranger';
          lives.push(JSON.stringify({ ...kill, company }));
          if (await killOnce(dir, kill, company)) count++;
        }
        await trainerLife(dir, null, 'launcher');
        expect(await outcome(dir)).toEqual(expected);
      } catch (error) {
        throw new Error(`Run ${index / 3} of seed ${seed}, killed at ${lives.join(', ')}`, { cause: error });
      }
    }
  },
  60_000 + kills * 20_000,
);
