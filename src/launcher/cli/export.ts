import { resolve } from 'node:path';
import { csvPieces } from '../export-csv.ts';
import type { Context } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { note, writeOutput } from './output.ts';
import { documentOf } from './show.ts';

/** `tandem export RUN --format csv`: all metrics of a run, one row per step. */
export async function exportRun(
  name: string,
  options: { format: 'csv'; output?: string },
  context: Context,
): Promise<number> {
  const document = await documentOf(name, context.cwd);
  const text = csvPieces(document);
  if (options.output === undefined) {
    for (const piece of text) process.stdout.write(piece);
    return exitCodes.done;
  }
  const file = resolve(context.cwd, options.output);
  await writeOutput(file, text);
  note(`Wrote ${file}.`);
  return exitCodes.done;
}
