import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';

/** Processors that this process may use: by its affinity, and by the quota of the control groups that it is in (containers, batch systems). */
export function usableThreads(): number {
  return Math.max(1, Math.min(availableParallelism(), Math.ceil(cpuQuota())));
}

/**
 * Processors' worth of time that Linux's control groups allow this process, of either version; Infinity where nothing limits it. A group is
 * limited by those around it too. In a container a group's path may be that of the host, which is not there: then what is there counts.
 * `root` stands for / in tests.
 */
export function cpuQuota(root = '/'): number {
  let least = Infinity;
  for (const line of linesOf(join(root, 'proc/self/cgroup'))) {
    const [, number, controllers, path] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? [];
    if (path === undefined) continue;
    const isV2 = number === '0' && controllers === '';
    if (!isV2 && !controllers!.split(',').includes('cpu')) continue;
    const mounts = isV2 ? [''] : ['cpu', controllers!];
    for (const mount of mounts)
      for (let group = join('/', path); ; group = dirname(group)) {
        const folder = join(root, 'sys/fs/cgroup', mount, group);
        least = Math.min(least, isV2 ? quotaOfV2(folder) : quotaOfV1(folder));
        if (group === dirname(group)) break;
      }
  }
  return least;
}

/** cpu.max holds `QUOTA PERIOD` in microseconds, or `max PERIOD`. */
function quotaOfV2(folder: string): number {
  const [quota, period] = (linesOf(join(folder, 'cpu.max'))[0] ?? '').split(' ').map(Number);
  return share(quota, period);
}

/** cpu.cfs_quota_us is -1 where there is no limit. */
function quotaOfV1(folder: string): number {
  const number = (file: string): number => Number(linesOf(join(folder, file))[0]);
  return share(number('cpu.cfs_quota_us'), number('cpu.cfs_period_us'));
}

const share = (quota = NaN, period = NaN): number => (quota > 0 && period > 0 ? quota / period : Infinity);

/** None of a file that is not there, as on other systems. */
function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').trim().split('\n');
  } catch {
    return [];
  }
}
