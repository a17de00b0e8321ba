import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import type { OtherEvaluation } from '../protocol/evaluation.ts';
import { isMissing } from '../text/system-errors.ts';
import { appendJsonLine, readJsonLines } from './json-lines.ts';
import { layout } from './layout.ts';

const number = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number)]);

const evaluation: z.ZodType<OtherEvaluation> = z.object({
  kind: z.enum(['retrieval', 'zero_shot']),
  time: z.number(),
  data: z.string(),
  step: z.number(),
  is_best: z.boolean(),
  images: z.number(),
  captions: z.number(),
  left_out: z.number(),
  metrics: z.record(z.string(), number),
  chance: z.record(z.string(), z.object({ mean: z.number(), deviation: z.number() })),
  labels: z.array(z.string()).optional(),
  templates: z.array(z.string()).optional(),
  confusion: z.array(z.tuple([z.number(), z.number(), z.number()])).optional(),
});

/** Keeps what a run's model reached on other data. */
export function appendEvaluation(dir: string, found: OtherEvaluation): Promise<void> {
  return appendJsonLine(layout.evaluations(dir), found);
}

/** Everything that was kept so, oldest first; lines that are none are passed over. */
export async function readEvaluations(dir: string): Promise<OtherEvaluation[]> {
  try {
    const lines = readJsonLines(await readFile(layout.evaluations(dir), 'utf8'));
    return lines.flatMap((line) => evaluation.safeParse(line).data ?? []);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
