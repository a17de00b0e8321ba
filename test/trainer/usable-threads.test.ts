import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { cpuQuota, usableThreads } from '../../src/trainer/engines/usable-threads.ts';

let root: string;
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'tandem-cgroup-'))));
afterEach(() => rmSync(root, { recursive: true }));

function files(contents: Record<string, string>): void {
  for (const [name, content] of Object.entries(contents)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
}

// Contents as in the kernel's documentation: admin-guide/cgroup-v2 (cpu.max) and scheduler/sched-bwc (version 1).
it.each([
  ['nothing of the kind', {}, Infinity],
  [
    'version 2 without a limit',
    { 'proc/self/cgroup': '0::/\n', 'sys/fs/cgroup/cpu.max': 'max 100000\n' },
    Infinity,
  ],
  [
    'version 2 with one',
    { 'proc/self/cgroup': '0::/job\n', 'sys/fs/cgroup/job/cpu.max': '150000 100000\n' },
    1.5,
  ],
  [
    'the limit of a group around it',
    {
      'proc/self/cgroup': '0::/slurm/job/step\n',
      'sys/fs/cgroup/slurm/cpu.max': '200000 100000\n',
      'sys/fs/cgroup/slurm/job/step/cpu.max': '800000 100000\n',
    },
    2,
  ],
  [
    'a container that sees the path of its host',
    { 'proc/self/cgroup': '0::/docker/0af3\n', 'sys/fs/cgroup/cpu.max': '300000 100000\n' },
    3,
  ],
  [
    'version 1',
    {
      'proc/self/cgroup': '12:pids:/\n4:cpu,cpuacct:/job\n0::/\n',
      'sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us': '250000\n',
      'sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us': '100000\n',
    },
    2.5,
  ],
  [
    'version 1 without a limit',
    {
      'proc/self/cgroup': '4:cpu:/\n',
      'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
      'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
    },
    Infinity,
  ],
] as [string, Record<string, string>, number][])('the quota of %s', (_, contents, expected) => {
  files(contents);
  expect(cpuQuota(root)).toBe(expected);
});

it('is a whole number of processors that are there', () => {
  expect(Number.isInteger(usableThreads())).toBe(true);
  expect(usableThreads()).toBeGreaterThanOrEqual(1);
  expect(usableThreads()).toBeLessThanOrEqual(availableParallelism());
});
