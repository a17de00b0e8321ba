import { kept } from './kept-texts.ts';
import * as z from 'zod';
import { writtenNumber } from './checked.ts';

const text = z.string();

/** A finding as events and run.json have it. */
export const runFinding = z.looseObject({
  step: z.number(),
  severity: z.enum(['info', 'warning', 'error']),
  code: text,
  key: text.nullable(),
  message: text,
  advice: text,
  said: z.looseObject({ message: kept, advice: kept }).exactOptional(),
  evidence: z.record(text, writtenNumber),
  change: z
    .looseObject({
      path: text,
      value: z.union([text, z.number(), z.boolean(), z.null(), z.array(z.number())]),
    })
    .exactOptional(),
});
