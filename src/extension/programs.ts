import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import type { Answer, Ask, CallName } from '../launcher/calls.ts';
import { notStarted } from '../launcher/model/not-started.ts';
import { trainerEnvironment, type TrainerProgram } from '../launcher/trainer-program.ts';
import { HumanError } from '../protocol/human-error.ts';
import { t } from '../text/say.ts';
import type { WebhookAddress } from './webhook-address.ts';
import { askTandem, type CommandLinePrograms, type Reply } from './tandem-client.ts';

/** The oldest Node that trains. */
const oldestNode = [20, 9] as const;

/** The programs that ship with the extension, and the Node that runs them. */
export class Programs implements CommandLinePrograms {
  /** Nodes that were found to be new enough, by path. */
  private readonly goodNodes = new Set([process.execPath]);

  constructor(
    private readonly extension: vscode.Uri,
    private readonly webhook?: WebhookAddress,
  ) {}

  /** What trains: read anew each time, since the setting may change. */
  get trainer(): TrainerProgram {
    const configured = vscode.workspace.getConfiguration('tandem').get<string>('nodePath', '').trim();
    return {
      nodePath: configured.replace(/^~(?=[\\/])/, homedir()) || process.execPath,
      // A stand-in for tests and for trying out another build.
      trainerFile: process.env['TANDEM_TRAINER'] ?? this.file('dist/trainer.js'),
      ...(this.webhook && { notifierEnv: this.webhook.environment }),
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

  /** Asks the command line that ships with the extension (`Calls` has what and how it answers); ended when the signal aborts. */
  ask<Name extends CallName>(name: Name, ask: Ask<Name>, signal?: AbortSignal): Promise<Reply<Answer<Name>>> {
    return askTandem(this, name, ask, signal);
  }
}
