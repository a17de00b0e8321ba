import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A real sshd on the loopback with keys, configuration and port of its own. */
export interface Sshd {
  /** What the experiment's `launcher` says to reach it. */
  launcher: { host: string; options: string };
  process: ChildProcess;
  stop: () => Promise<void>;
}

const program = '/usr/sbin/sshd';
export const hasSshd = (): boolean =>
  existsSync(program) && ['ssh', 'ssh-keygen', 'rsync'].every((name) => existsSync(`/usr/bin/${name}`));

export async function startSshd(): Promise<Sshd> {
  const folder = mkdtempSync(join(tmpdir(), 'sshd-'));
  const port = await freePort();
  for (const name of ['host', 'user'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
  writeFileSync(
    join(folder, 'sshd_config'),
    `ListenAddress 127.0.0.1
Port ${port}
HostKey ${folder}/host
AuthorizedKeysFile ${folder}/user.pub
PidFile ${folder}/pid
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin yes
`,
  );
  // Where sshd keeps the part of itself that has no rights; root's alone to make.
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true });
  const log = openSync(join(folder, 'log'), 'a');
  const child = spawn(program, ['-D', '-e', '-f', join(folder, 'sshd_config')], {
    stdio: ['ignore', log, log],
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await exited;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  for (const deadline = Date.now() + 10_000; !existsSync(join(folder, 'pid')); await sleep(50))
    if (child.exitCode !== null || Date.now() > deadline) {
      const said = readFileSync(join(folder, 'log'), 'utf8');
      await stop();
      throw new Error(`sshd did not start: ${said}`);
    }
  const options = [
    `Port=${port}`,
    `IdentityFile=${folder}/user`,
    'IdentitiesOnly=yes',
    'StrictHostKeyChecking=no',
    `UserKnownHostsFile=${folder}/known`,
    'LogLevel=ERROR',
  ];
  return {
    launcher: { host: `${userInfo().username}@127.0.0.1`, options: options.join('\n') },
    process: child,
    stop,
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
