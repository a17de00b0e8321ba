import { readChances } from '../protocol/chance.ts';
import type { RunEvent } from '../protocol/events.ts';
import { toNumber } from '../protocol/numbers.ts';

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
    case 'ended':
      break;
    default:
      return null;
  }
  // The kind is known and the numbers are numbers: the writer is ours, the rest is as its type says.
  return event as unknown as RunEvent;
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
