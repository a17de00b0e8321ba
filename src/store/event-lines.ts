import * as z from 'zod';
import { readChances } from '../protocol/chance.ts';
import type { EndStatus, PreparingEvent, RunEvent } from '../protocol/events.ts';
import { toNumber } from '../protocol/numbers.ts';
import { engineTimings } from './run-schema.ts';
import { runFinding } from './finding-schema.ts';
import { keptTexts } from './kept-texts.ts';
import { inLanguage } from '../text/say.ts';

const number = z.number();
const text = z.string();

/** What events hold beside numbers by name, which are read by hand since they are many. What is missing, an older version did not write. */
const restOf: Partial<Record<RunEvent['kind'], z.ZodType>> = {
  started: z
    .looseObject({
      steps: number,
      steps_per_epoch: number,
      batch_size: number,
      engine: text,
      provider: text.nullable(),
      device: text,
      threads: number,
      measured: engineTimings,
      clip_norm: number.nullable(),
      loss: text,
      train_pairs: number,
      val_pairs: number,
    })
    .partial(),
  checkpoint: z.looseObject({ best: z.boolean() }).partial(),
  skipped: z.looseObject({ branch: text, in_a_row: number }),
  note: z.looseObject({
    severity: z.enum(['info', 'warning']),
    code: text,
    message: text,
    items: z.array(text).optional(),
    said: keptTexts,
  }),
  preparing: z.looseObject({
    what: z.enum([
      'image_features',
      'text_features',
      'download',
      'provider_timing',
    ] satisfies PreparingEvent['what'][]),
    name: text.optional(),
    done: number,
    total: number,
    left_ms: number.nullable(),
  }),
  finding: runFinding,
  ended: z.looseObject({
    status: z.enum(['finished', 'stopped', 'stopped_early', 'failed', 'diverged'] satisfies EndStatus[]),
    reason: text.optional(),
    said: keptTexts,
  }),
};

/** One line of events.jsonl; null for a torn or unknown one (a later version may say things that we do not know). */
export function parseEvent(line: string): RunEvent | null {
  let event: Record<string, unknown> | null;
  try {
    event = JSON.parse(line) as Record<string, unknown> | null;
  } catch {
    return null;
  }
  if (event === null || typeof event !== 'object') return null;
  if (typeof event['time'] !== 'number' || typeof event['step'] !== 'number') return null;
  switch (event['kind']) {
    case 'step':
    case 'system':
      event['metrics'] = numbers(event['metrics']);
      break;
    case 'eval': {
      event['metrics'] = numbers(event['metrics']);
      const chance = readChances(event['chance']);
      if (chance) event['chance'] = chance;
      else delete event['chance'];
      break;
    }
    case 'skipped':
      event['last_finite_norm'] = numbers(event['last_finite_norm']);
      break;
    case 'started':
    case 'checkpoint':
    case 'note':
    case 'preparing':
    case 'finding':
    case 'ended':
      break;
    default:
      return null;
  }
  const rest = restOf[event['kind']];
  if (rest && !rest.safeParse(event).success) return null;
  if (event['kind'] === 'finding') event['evidence'] = numbers(event['evidence']);
  // Its kind is known, and all parts were looked at.
  const known = event as unknown as RunEvent;
  return 'said' in known ? inLanguage(known) : known;
}

/** Numbers by name, with "NaN" and the infinities as numbers again; what is none is left out. */
function numbers(written: unknown): Record<string, number> {
  // Without a prototype: a metric may be called `__proto__`.
  const read = Object.create(null) as Record<string, number>;
  if (written === null || typeof written !== 'object') return read;
  for (const [name, value] of Object.entries(written)) {
    const number = toNumber(value);
    if (number !== undefined) read[name] = number;
  }
  return read;
}
