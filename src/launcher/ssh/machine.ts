import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Launcher } from '../../experiment/config.ts';
import { HumanError } from '../../protocol/human-error.ts';
import { quoted } from '../shell.ts';
import { said } from '../../text/say.ts';

/** Another machine through the system's ssh and rsync, over one connection. */
export interface Machine {
  /** Runs a line of its shell and gives what it printed. HumanError `ssh_failed` when the machine cannot be reached or the line fails. */
  run(line: string, limitMs?: number): Promise<string>;
  /** `rsync -a`; paths on the machine begin with a colon. */
  copy(args: string[]): Promise<void>;
  close(): Promise<void>;
}

/** A line that does its work at once; copies take as long as they take. */
const lineLimitMs = 60_000;

export function openMachine({ host, options }: Launcher): Machine {
  if (host === null)
    throw new HumanError(
      said('launcher.host is missing.'),
      said('Name the machine: user@name, or a Host of ~/.ssh/config.'),
      'problems',
    );
  const folder = mkdtempSync(join(tmpdir(), 'tandem-ssh-'));
  const ssh = [...connection(join(folder, 'c')), ...optionsOf(options)];
  const close = async (): Promise<void> => {
    await execute('ssh', [...ssh, '-O', 'exit', host], 5_000).catch(() => undefined);
    rmSync(folder, { recursive: true, force: true });
  };
  return {
    run: (line, limitMs = lineLimitMs) => execute('ssh', [...ssh, host, `sh -c ${quoted(line)}`], limitMs),
    copy: async (args) => {
      const there = args.map((arg) => (arg.startsWith(':') ? `${host}${arg}` : arg));
      // -s: names with spaces arrive whole.
      await execute(
        'rsync',
        ['-a', '-s', '--timeout=60', '-e', ['ssh', ...ssh].map(quoted).join(' '), ...there],
        0,
      );
    },
    close,
  };
}

/** Never a question that nobody answers; a machine that is away is noticed. */
const connection = (socket: string): string[] =>
  Object.entries({
    BatchMode: 'yes',
    ConnectTimeout: '15',
    ServerAliveInterval: '15',
    ServerAliveCountMax: '4',
    ControlMaster: 'auto',
    ControlPath: socket,
    ControlPersist: '60',
  }).flatMap(([name, value]) => ['-o', `${name}=${value}`]);

const optionsOf = (options: string | null): string[] =>
  (options ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .flatMap((line) => ['-o', line]);

function execute(program: string, args: string[], limitMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      timeout: limitMs,
      killSignal: 'SIGKILL',
      maxBuffer: 1 << 28,
      encoding: 'utf8',
    } as const;
    const child = execFile(program, args, options, (error, out, err) => {
      if (!error) return resolve(out);
      const words = err
        .trim()
        .split('\n')
        .filter((line) => line.trim() !== '')
        .at(-1)
        ?.trim();
      const why =
        error.code === 'ENOENT'
          ? said('it is not installed here')
          : error.killed
            ? said('no answer for {0} s', limitMs / 1000)
            : (words ?? error.message).replace(/\.$/, '');
      reject(
        new HumanError(
          said('{0} failed: {1}.', program, why),
          said('Try the same host with ssh in a terminal: it must connect without a password.'),
          'ssh_failed',
        ),
      );
    });
    child.stdin?.end();
  });
}
