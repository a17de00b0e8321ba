import { relative, resolve } from 'node:path';
import type { Answer } from '../calls.ts';
import { reportOf } from '../report.ts';
import type { Context } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { print, printJson, writeOutput } from './output.ts';
import { t } from '../../text/say.ts';

export interface ReportCommandOptions {
  output: string;
  metric?: string;
  last?: boolean;
  json?: boolean;
}

/** `tandem report RUN...`: one HTML file with the plots and tables of some runs. */
export async function report(
  names: string[],
  options: ReportCommandOptions,
  context: Context,
): Promise<number> {
  const file = resolve(context.cwd, options.output);
  const html = await reportOf(names, context.cwd, {
    metric: options.metric ?? null,
    pick: options.last ? 'last' : 'best',
  });
  await writeOutput(file, html);
  const written: Answer<'report'> = { file, runs: names.length, bytes: Buffer.byteLength(html) };
  if (options.json) printJson(written);
  else print(t('Wrote {0}.', relative(context.cwd, file) || file));
  return exitCodes.done;
}
