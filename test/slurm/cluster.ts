import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { cgroupConf, slurmConf } from './cluster-conf.ts';

/** A real Slurm of one node on this machine, its own processes on the loopback. */
export interface Cluster {
  /** Runs one of Slurm's programs and gives what it printed. */
  slurm: (program: string, ...args: string[]) => Promise<string>;
  /** The controller, to be suspended. */
  controller: ChildProcess;
  stop: () => Promise<void>;
}

const daemons = ['munged', 'slurmctld', 'slurmd', 'sbatch'];
process.env['PATH'] = `${process.env['PATH']}:/usr/sbin:/sbin`;

export const hasSlurm = (): boolean =>
  daemons.every((name) => process.env['PATH']!.split(':').some((folder) => existsSync(join(folder, name))));

/** Starts one; its programs find it through SLURM_CONF, which is set here. */
export async function startCluster(): Promise<Cluster> {
  // Paths of sockets are short.
  const folder = mkdtempSync(join(tmpdir(), 'slurm-'));
  const place = {
    folder,
    host: hostname().split('.')[0]!,
    user: userInfo().username,
    port: await freePort(),
  };
  for (const name of ['state', 'spool']) mkdirSync(join(folder, name), { mode: 0o700 });
  writeFileSync(join(folder, 'slurm.conf'), slurmConf(place));
  writeFileSync(join(folder, 'cgroup.conf'), cgroupConf);
  writeFileSync(join(folder, 'munge.key'), randomBytes(128), { mode: 0o600 });
  process.env['SLURM_CONF'] = join(folder, 'slurm.conf');

  const started: ChildProcess[] = [];
  const daemon = (program: string, ...args: string[]): ChildProcess => {
    const log = openSync(join(folder, `${program}.log`), 'a');
    const child = spawn(program, args, { cwd: folder, stdio: ['ignore', log, log], detached: true });
    started.unshift(child);
    return child;
  };
  const slurm = async (program: string, ...args: string[]): Promise<string> =>
    (await promisify(execFile)(program, args, { timeout: 30_000 })).stdout.trim();
  const stop = async (): Promise<void> => {
    await slurm('scancel', '-u', place.user).catch(() => undefined);
    await until(3_000, async () => (await slurm('squeue', '-h')) === '').catch(() => undefined);
    for (const child of started) await end(child);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const files = [
      'key-file=munge.key',
      'socket=munge.sock',
      'pid-file=munged.pid',
      'log-file=munged.out',
      'seed-file=seed',
    ];
    // --force: a folder that only its owner may enter.
    daemon('munged', '-F', '--force', ...files.map((file) => `--${file.replace('=', `=${folder}/`)}`));
    await until(10_000, () => slurm('munge', '-S', join(folder, 'munge.sock'), '-n'));
    const controller = daemon('slurmctld', '-D', '-i');
    await until(15_000, () => slurm('scontrol', 'ping'));
    daemon('slurmd', '-D', '-N', 'n1');
    await until(30_000, async () => /^(idle|mix)/.test(await slurm('sinfo', '-h', '-o', '%t')));
    return { slurm, controller, stop };
  } catch (error) {
    const logs = started.map(({ spawnfile }) =>
      readFileSync(join(folder, `${spawnfile}.log`), 'utf8').slice(-1000),
    );
    await stop();
    throw new Error(`Slurm did not start: ${String(error)}\n${logs.join('\n')}`);
  }
}

/** Until it gives something other than false, without an error. */
export async function until<T>(limitMs: number, ask: () => Promise<T | false>): Promise<T> {
  for (const deadline = Date.now() + limitMs; ; await sleep(200)) {
    const isLate = Date.now() > deadline;
    const answer = await ask().catch((error: unknown) => {
      if (isLate) throw error;
      return false as const;
    });
    if (answer !== false) return answer;
    if (isLate) throw new Error(`Not within ${limitMs / 1000} s: ${ask.toString()}`);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGCONT');
  child.kill('SIGTERM');
  await Promise.race([exited, sleep(5_000)]);
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  await exited;
}

/** The first of two ports that are free, below those that the system gives to whoever connects. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 5_000) * 2;
    if ((await isFree(port)) && (await isFree(port + 1))) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
