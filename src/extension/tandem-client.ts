import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Answer, Ask, CallName, Failed } from '../launcher/calls.ts';
import { notStarted } from '../launcher/model/not-started.ts';
import { trainerEnvironment, type TrainerProgram } from '../launcher/trainer-program.ts';
import { HumanError } from '../protocol/human-error.ts';
import { language, t } from '../text/say.ts';

/** What became of a call: a failure is a value, and so is that nobody wants the answer any more. */
export type Reply<Value> =
  { kind: 'answer'; value: Value } | { kind: 'failure'; error: HumanError } | { kind: 'cancelled' };

/** The programs that the client runs. */
export interface CommandLinePrograms {
  trainer: TrainerProgram;
  /** A file of the extension by its path inside it. */
  file(path: string): string;
  /** Throws HumanError unless there is a Node that can run them. */
  checkNode(): Promise<void>;
}

/** How a call is written on a command line. */
interface CommandLine {
  args: string[];
  /** The experiment whose folder the command runs in. */
  file?: string;
  /** Standard input. */
  input?: string | undefined;
}

const commandLines: { [Name in CallName]: (ask: Ask<Name>) => CommandLine } = {
  validate: ({ file, text }) => ({ args: ['validate', file, '--stdin'], file, input: text }),
  queue: ({ file, set, isSingle, text }) => ({
    args: [
      'queue',
      file,
      ...set.flatMap((setting) => ['--set', setting]),
      ...(isSingle ? ['--single'] : []),
      ...(text === undefined ? [] : ['--stdin']),
    ],
    file,
    input: text,
  }),
  preview: ({ file, text, index, epoch, count }) => ({
    args: ['preview', file, '--stdin', ...options({ index, epoch, count })],
    file,
    input: text,
  }),
  report: ({ runs, output }) => ({ args: ['report', ...runs, ...options({ output })] }),
  clean: ({ folder, isDryRun }) => ({ args: ['clean', folder, isDryRun ? '--dry-run' : '--yes'] }),
  'find-lr': ({ file, text, branch, others }) => ({
    args: ['find-lr', file, '--stdin', ...options({ branch, others })],
    file,
    input: text,
  }),
  engines: () => ({ args: ['engines'] }),
};

const options = (values: Record<string, string | number>): string[] =>
  Object.entries(values).flatMap(([name, value]) => [`--${name}`, String(value)]);

/** Asks `tandem` in a process of its own, which ends when the signal aborts. */
export async function askTandem<Name extends CallName>(
  programs: CommandLinePrograms,
  name: Name,
  ask: Ask<Name>,
  signal?: AbortSignal,
): Promise<Reply<Answer<Name>>> {
  try {
    await programs.checkNode();
    const printed = await run(programs, commandLines[name](ask), signal);
    if (signal?.aborted) return { kind: 'cancelled' };
    const document = parse(printed, name) as Answer<Name> | Failed;
    return isFailed(document)
      ? { kind: 'failure', error: new HumanError(document.error.message, '', document.error.code) }
      : { kind: 'answer', value: document };
  } catch (error) {
    if (signal?.aborted) return { kind: 'cancelled' };
    if (!(error instanceof HumanError)) throw error;
    return { kind: 'failure', error };
  }
}

function isFailed(document: object): document is Failed {
  return 'error' in document;
}

interface Printed {
  out: string;
  err: string;
}

async function run(
  programs: CommandLinePrograms,
  { args, file, input }: CommandLine,
  signal?: AbortSignal,
): Promise<Printed> {
  const { nodePath } = programs.trainer;
  // A run's experiment may be gone with its folder.
  const folder = file === undefined ? undefined : dirname(file);
  const child = spawn(nodePath, [programs.file('dist/tandem.js'), ...args, '--json'], {
    cwd: folder !== undefined && existsSync(folder) ? folder : undefined,
    env: { ...trainerEnvironment(programs.trainer), TANDEM_LANGUAGE: language() },
    stdio: 'pipe',
    windowsHide: true,
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (bytes: Buffer) => out.push(bytes));
  child.stderr.on('data', (bytes: Buffer) => err.push(bytes));
  // The child may end before it has read its input: that is not an error of its own.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input ?? '');
  const abort = () => child.kill('SIGKILL');
  signal?.addEventListener('abort', abort, { once: true });
  try {
    if (signal?.aborted) abort();
    await new Promise<void>((resolve, reject) => child.once('close', () => resolve()).once('error', reject));
  } catch (error) {
    throw notStarted(nodePath, error as Error);
  } finally {
    signal?.removeEventListener('abort', abort);
  }
  return { out: Buffer.concat(out).toString('utf8'), err: Buffer.concat(err).toString('utf8') };
}

function parse({ out, err }: Printed, command: string): object {
  try {
    return JSON.parse(out) as object;
  } catch {
    const line = err.trim().split('\n').at(-1) ?? '';
    throw new HumanError(
      line ? t('tandem {0} gave no answer: {1}', command, line) : t('tandem {0} gave no answer.', command),
      t('Try again; if it stays so, see the output Tandem.'),
      'no_answer',
    );
  }
}
