import { createWriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { csvLines } from '../export-csv.ts';
import type { Context } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { note } from './output.ts';
import { documentOf } from './show.ts';

/** `tandem export RUN --format csv`: all metrics of a run, one row per step. */
export async function exportRun(
  name: string,
  options: { format: 'csv'; output?: string },
  context: Context,
): Promise<number> {
  const document = await documentOf(name, context.cwd);
  const text = Readable.from(csvLines(document)).map((line: string) => `${line}\n`);
  if (options.output === undefined) {
    for await (const line of text) process.stdout.write(line);
    return exitCodes.done;
  }
  const file = resolve(context.cwd, options.output);
  await pipeline(text, createWriteStream(file));
  note(`Wrote ${file}.`);
  return exitCodes.done;
}
