import { execFile, spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import { trainerEnvironment, type TrainerProgram } from '../launcher/trainer-program.ts';
import { HumanError } from '../protocol/human-error.ts';
import { t } from '../text/say.ts';

/** The oldest Node that trains. */
const oldestNode = [20, 9] as const;

/** The programs that ship with the extension, and the Node that runs them. */
export class Programs {
  /** Nodes that were found to be new enough, by path. */
  private readonly goodNodes = new Set([process.execPath]);

  constructor(private readonly extension: vscode.Uri) {}

  /** What trains: read anew each time, since the setting may change. */
  get trainer(): TrainerProgram {
    const configured = vscode.workspace.getConfiguration('tandem').get<string>('nodePath', '').trim();
    return {
      nodePath: configured.replace(/^~(?=[\\/])/, homedir()) || process.execPath,
      // A stand-in for tests and for trying out another build.
      trainerFile: process.env['TANDEM_TRAINER'] ?? this.file('dist/trainer.js'),
    };
  }

  /** A file of the extension by its path inside it. */
  file(path: string): string {
    return join(this.extension.fsPath, path);
  }

  /** Throws HumanError unless the Node that the settings name is there and new enough; asked before anything is queued or started. */
  async checkNode(): Promise<void> {
    const { nodePath } = this.trainer;
    if (this.goodNodes.has(nodePath)) return;
    const options = { timeout: 30_000, env: trainerEnvironment(this.trainer) };
    const { stdout } = await promisify(execFile)(nodePath, ['--version'], options).catch((error: unknown) => {
      throw notStarted(nodePath, error as Error);
    });
    const [, major = 0, minor = 0] = (/^v(\d+)\.(\d+)/.exec(stdout) ?? []).map(Number);
    if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1]))
      throw new HumanError(
        t('{0} is not Node {1} or later ({2}).', nodePath, oldestNode.join('.'), stdout.trim().slice(0, 40)),
        t('Name another in the setting tandem.nodePath, or leave it empty for the one inside VS Code.'),
        'old_node',
      );
    this.goodNodes.add(nodePath);
  }

  /**
   * Runs `tandem ARGS --json` and answers the document it prints. `input` is its standard input. Ended when the signal
   * aborts (then null). Throws HumanError when it cannot be started or prints none.
   */
  async tandem(
    args: string[],
    options: { cwd?: string; input?: string; signal?: AbortSignal } = {},
  ): Promise<unknown> {
    await this.checkNode();
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
      throw notStarted(nodePath, error as Error);
    } finally {
      options.signal?.removeEventListener('abort', abort);
    }
    if (options.signal?.aborted) return null;
    return parse(Buffer.concat(out).toString('utf8'), Buffer.concat(err).toString('utf8'), args[0] ?? '');
  }
}

function notStarted(nodePath: string, error: Error): HumanError {
  return new HumanError(
    t('{0} could not be started ({1}).', nodePath, error.message.split('\n')[0] ?? ''),
    t('Name another in the setting tandem.nodePath, or leave it empty for the one inside VS Code.'),
    'no_node',
  );
}

function parse(out: string, err: string, command: string): unknown {
  try {
    return JSON.parse(out);
  } catch {
    const line = err.trim().split('\n').at(-1) ?? '';
    throw new HumanError(
      line ? t('tandem {0} gave no answer: {1}', command, line) : t('tandem {0} gave no answer.', command),
      t('Try again; if it stays so, see the output Tandem.'),
      'no_answer',
    );
  }
}
