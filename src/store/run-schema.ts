import { kept } from './kept-texts.ts';
import * as z from 'zod';
import type { Launcher } from '../experiment/config.ts';
import type { RunFile, RunJob } from '../protocol/run.ts';
import { statusOrder } from '../protocol/run-status.ts';
import { writtenNumber } from './checked.ts';
import { runFinding } from './finding-schema.ts';

/** Unix ms that a date can show. */
const time = z.number().min(0).max(8.64e15);
const count = z.number().min(0);
/** A process as run.json and claims name it; `folder` is missing where an earlier version wrote it. */
export const processIdentity = z.looseObject({
  pid: z.int().min(1),
  start_time: z.string(),
  host: z.string(),
  folder: z.string().exactOptional(),
});

const metricSummary = z.looseObject({
  last: writtenNumber,
  best: writtenNumber,
  best_step: count,
  count: count.exactOptional(),
  chance: z.looseObject({ mean: z.number(), deviation: z.number() }).exactOptional(),
});

/** What was measured of providers. */
export const engineTimings = z.array(
  z.looseObject({ provider: z.string(), device: z.string(), step_ms: z.number().nullable() }),
);

/** How a machine is reached; checked when the experiment was read. */
export const launcherSchema = z.looseObject({ kind: z.string() }) as unknown as z.ZodType<Launcher>;

/** What is read of a job; its settings are the scheduler's to refuse. */
export const runJobSchema = z.looseObject({
  name: z.string().min(1),
  task: z.int().min(0).nullable(),
  id: z.string().min(1).nullable(),
  submitted: time,
  launcher: launcherSchema,
}) as unknown as z.ZodType<RunJob>;

/** What run.json must be. Keys that a later version added are kept. */
export const runFileSchema: z.ZodType<RunFile> = z.looseObject({
  id: z.string().min(1),
  experiment: z.string(),
  experiment_path: z.string(),
  sweep: z
    .looseObject({
      id: z.string(),
      index: count,
      count,
      stop_early: z
        .looseObject({ metric: z.string(), reduction: z.number().min(2), rungs: z.array(count) })
        .exactOptional(),
      budget: z
        .looseObject({ runs: count.nullable(), steps: count.nullable(), hours: count.nullable() })
        .exactOptional(),
    })
    .nullable(),
  settings: z.record(z.string(), z.unknown()),
  config_hash: z.string(),
  git_commit: z.string().nullable(),
  data: z.string().nullable(),
  versions: z.record(z.string(), z.string()),
  created: time,
  status: z.enum(statusOrder),
  process: processIdentity.nullable(),
  starter: processIdentity.nullable(),
  heartbeat: time.nullable(),
  engine: z
    .looseObject({
      name: z.string(),
      provider: z.string().nullable(),
      device: z.string(),
      threads: z.number(),
      why: z.string(),
      measured: engineTimings.exactOptional(),
    })
    .nullable(),
  step: count,
  steps: count,
  trained_ms: z.number().nullable(),
  memory: z
    .looseObject({
      weights: count,
      training: count,
      activations: count,
      program: count,
      relief: z
        .looseObject({ path: z.enum(['train.micro_batch', 'train.batch_size']), value: z.int().min(1) })
        .nullable(),
    })
    .nullable(),
  reason: z.string().nullable(),
  said: z.looseObject({ reason: kept }).exactOptional(),
  summary: z.record(z.string(), metricSummary),
  findings: z.array(runFinding),
  rungs: z.array(writtenNumber),
  title: z.string().nullable(),
  note: z.string().nullable(),
  starred: z.boolean(),
  tags: z.array(z.string()),
  colour: z.string().nullable(),
  job: runJobSchema.nullable(),
  remote: launcherSchema.nullable(),
});
