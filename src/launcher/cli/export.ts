import { basename, relative, resolve } from 'node:path';
import type { ExportAsk } from '../../protocol/inference.ts';
import { byteSize } from '../../text/numbers.ts';
import { csvPieces } from '../export-csv.ts';
import { locateRun } from '../locate.ts';
import { exportModel } from '../model/export-model.ts';
import type { Context } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { askModel } from './model-command.ts';
import { note, print, printJson, writeOutput } from './output.ts';
import { documentOf } from './show.ts';
import { tableLines } from './table.ts';
import { t } from '../../text/say.ts';

interface ExportOptions {
  format: 'csv' | ExportAsk['format'];
  output?: string;
  json?: boolean;
}

/** `tandem export RUN --format csv`: all metrics of a run, one row per step. With another format its finished model. */
export async function exportRun(name: string, options: ExportOptions, context: Context): Promise<number> {
  const { format } = options;
  if (format !== 'csv') return exportFinished(name, format, options, context);
  const document = await documentOf(name, context.cwd);
  const text = csvPieces(document);
  if (options.output === undefined) {
    for (const piece of text) process.stdout.write(piece);
    return exitCodes.done;
  }
  const file = resolve(context.cwd, options.output);
  await writeOutput(file, text);
  note(t('Wrote {0}.', file));
  return exitCodes.done;
}

async function exportFinished(
  name: string,
  format: ExportAsk['format'],
  { output, json }: ExportOptions,
  context: Context,
): Promise<number> {
  const run = await locateRun(name, context.cwd);
  const folder = resolve(context.cwd, output ?? `${basename(run)}-${format}`);
  const written = await askModel(run, context, (ask) =>
    exportModel((asked) => ask('export', asked, 'Exported'), { format, folder }),
  );
  if (json) {
    printJson(written);
    return exitCodes.done;
  }
  const rows = written.files.map((file) => [file.name, byteSize(file.bytes)]);
  for (const line of tableLines([t('file'), t('size')], rows)) print(line);
  for (const line of written.notes) print(line);
  print(t('Wrote {0}; its README.md says how it is loaded.', relative(context.cwd, folder) || folder));
  return exitCodes.done;
}
