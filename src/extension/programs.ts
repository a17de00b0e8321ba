import { spawn } from 'node:child_process';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { trainerEnvironment, type TrainerProgram } from '../launcher/trainer-program.ts';
import { HumanError } from '../protocol/human-error.ts';

/** The programs that ship with the extension, and the Node that runs them. */
export class Programs {
  constructor(private readonly extension: vscode.Uri) {}

  /** What trains: read anew each time, since the setting may change. */
  get trainer(): TrainerProgram {
    const configured = vscode.workspace.getConfiguration('tandem').get<string>('nodePath')?.trim();
    return {
      nodePath: configured || process.execPath,
      // A stand-in for tests and for trying out another build.
      trainerFile: process.env['TANDEM_TRAINER'] ?? this.file('dist/trainer.js'),
    };
  }

  /** A file of the extension by its path inside it. */
  file(path: string): string {
    return join(this.extension.fsPath, path);
  }

  /**
   * Runs `tandem ARGS --json` and answers the document it prints. `input` is its standard input. Ended when the signal
   * aborts (then null). Throws HumanError when it cannot be started or prints none.
   */
  async tandem(
    args: string[],
    options: { cwd?: string; input?: string; signal?: AbortSignal } = {},
  ): Promise<unknown> {
    const { nodePath } = this.trainer;
    const child = spawn(nodePath, [this.file('dist/tandem.js'), ...args, '--json'], {
      cwd: options.cwd,
      env: trainerEnvironment(this.trainer),
      stdio: 'pipe',
      windowsHide: true,
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (bytes: Buffer) => out.push(bytes));
    child.stderr.on('data', (bytes: Buffer) => err.push(bytes));
    // The child may end before it has read its input: that is not an error of its own.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
    const abort = () => child.kill('SIGKILL');
    options.signal?.addEventListener('abort', abort, { once: true });
    try {
      if (options.signal?.aborted) abort();
      await new Promise<void>((resolve, reject) =>
        child.once('close', () => resolve()).once('error', reject),
      );
    } catch (error) {
      throw new HumanError(
        `${nodePath} could not be started (${(error as Error).message}).`,
        'Check the setting tandem.nodePath: it must name Node 20.9 or later.',
        'no_node',
      );
    } finally {
      options.signal?.removeEventListener('abort', abort);
    }
    if (options.signal?.aborted) return null;
    return parse(Buffer.concat(out).toString('utf8'), Buffer.concat(err).toString('utf8'), args[0] ?? '');
  }
}

function parse(out: string, err: string, command: string): unknown {
  try {
    return JSON.parse(out);
  } catch {
    const line = err.trim().split('\n').at(-1) ?? '';
    throw new HumanError(
      `tandem ${command} gave no answer${line ? `: ${line}` : '.'}`,
      'The output Tandem has the rest.',
      'no_answer',
    );
  }
}
