import { appendFile, mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { HumanError } from '../../protocol/human-error.ts';
import { asHuman } from '../../store/files.ts';
import { note, printJson } from './output.ts';
import { exitCodes } from './exit-codes.ts';
import { t } from '../../text/say.ts';

/**
 * Shows an error once, at the command, and gives the exit code. What we foresee, or the machine is at fault for, is shown in its two sentences;
 * anything else is a bug of ours: logged whole, and shown with where the log is.
 */
export async function showError(error: unknown, { json }: { json: boolean }): Promise<number> {
  const shown = asHuman(error, pathOf(error));
  const foreseen = shown instanceof HumanError;
  const message = foreseen
    ? shown.message
    : t(
        'Something went wrong: {0}. {1}',
        error instanceof Error ? error.message : String(error),
        await logWhole(error),
      );
  if (json) printJson({ error: { code: foreseen ? shown.code : 'bug', message } });
  note(message);
  if (!foreseen || codesThatMeanFailed.has(shown.code)) return exitCodes.failed;
  return codesThatMeanUsage.has(shown.code) ? exitCodes.usage : exitCodes.problems;
}

/** The file that an error of the system is about. */
function pathOf(error: unknown): string {
  return (error as NodeJS.ErrnoException | null)?.path ?? t('a file');
}

/** The command was called in a way that cannot work, whatever the input holds. */
const codesThatMeanUsage = new Set([
  'usage',
  'no_such_run',
  'no_such_folder',
  'many_runs',
  'no_such_engine',
  'ambiguous_run',
  'not_resumable',
  'data_moved',
]);

/** Nothing was wrong with the input: the run could not begin, go on or end, or the machine failed. */
const codesThatMeanFailed = new Set([
  ...['run_gone', 'trainer_died', 'no_node', 'not_ended', 'stop_elsewhere'],
  ...['disk_full', 'disk_error', 'too_many_files', 'no_slurm', 'slurm_silent'],
]);

async function logWhole(error: unknown): Promise<string> {
  const folder = join(homedir(), '.tandem');
  const file = join(folder, 'errors.log');
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  try {
    await mkdir(folder, { recursive: true });
    await appendFile(file, `${new Date().toISOString()} ${process.argv.slice(2).join(' ')}\n${text}\n\n`);
    return t('This is a fault of Tandem; the whole error is in {0}.', file);
  } catch (cause) {
    // With no place to write to, the terminal is the log.
    return `${t('This is a fault of Tandem (and no log could be written: {0}):', (cause as Error).message)}\n${text}`;
  }
}
