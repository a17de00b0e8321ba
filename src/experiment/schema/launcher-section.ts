import * as z from 'zod';
import { key } from './key.ts';
import { timeLimitPattern } from './time-limit.ts';

/** One word of a scheduler's option: no spaces and no line ends, which would begin another option. */
const word = () => z.string().regex(/^[^\s"'`\\]+$/);
const lines = () => z.string().min(1);

/** `launcher`: where runs run. It changes nothing of what is learnt, and is no part of a run's config. */
export const launcherSection = z.strictObject({
  kind: key(z.enum(['local', 'slurm', 'ssh']).default('local'), {
    label: 'Kind',
    description:
      'local: on this machine. slurm: as jobs of a Slurm cluster that shares this disk; a sweep is one job array. ssh: on another machine, reached by ssh.',
    sweepable: false,
  }),
  parallel: key(z.int().min(1).nullable().default(null), {
    label: 'At a time',
    description:
      'Most runs of a sweep that train at a time; the throttle of a Slurm array. null: one of the command line, maxParallelRuns of VS Code, as many jobs as there is room for.',
    unit: 'runs',
    sweepable: false,
  }),
  partition: key(word().nullable().default(null), {
    label: 'Partition',
    description: 'slurm: partitions to ask for, separated by commas. null: the cluster’s default.',
    usual: [{ value: 'gpu', source: 'many clusters; sinfo lists yours' }],
    sweepable: false,
  }),
  account: key(word().nullable().default(null), {
    label: 'Account',
    description: 'slurm: account that the time is charged to. null: your default one.',
    sweepable: false,
  }),
  gres: key(word().nullable().default(null), {
    label: 'Resources',
    description: 'slurm: generic resources of each run, above all GPUs.',
    usual: [
      { value: 'gpu:1', source: 'one GPU' },
      { value: 'gpu:a100:1', source: 'one of a kind' },
    ],
    sweepable: false,
  }),
  cpus: key(z.int().min(1).max(4096).nullable().default(null), {
    label: 'Processors',
    description:
      'slurm: processors of each run (--cpus-per-task), for decoding images. null: the cluster’s default.',
    unit: 'processors',
    sweepable: false,
  }),
  memory: key(
    z
      .string()
      .regex(/^\d+[KMGT]?$/i)
      .nullable()
      .default(null),
    {
      label: 'Memory',
      description: 'slurm: memory of each run (--mem). null: the cluster’s default.',
      usual: [{ value: '32G', source: 'Slurm: K, M, G or T; M without a letter' }],
      sweepable: false,
    },
  ),
  time: key(z.string().regex(timeLimitPattern).nullable().default(null), {
    label: 'Time limit',
    description:
      'slurm: time limit of each start (--time). A run that needs longer saves before it, and goes on in the same folder when it is started again. null: the partition’s.',
    unit: 'minutes, hours:minutes:seconds or days-hours',
    usual: [
      { value: '"4:00:00"', source: 'four hours' },
      { value: '1-0', source: 'one day' },
    ],
    sweepable: false,
  }),
  save_before: key(z.int().min(10).max(36_000).default(120), {
    label: 'Save before',
    description:
      'slurm: how long before its time limit a run is asked to save and end (--signal). Slurm may ask up to a minute earlier.',
    unit: 'seconds',
    sweepable: false,
  }),
  requeue: key(z.boolean().default(true), {
    label: 'Requeue',
    description:
      'slurm: a run that meets its time limit, is preempted or loses its node is put into the queue again and goes on from its last checkpoint.',
    sweepable: false,
  }),
  modules: key(
    z
      .string()
      .regex(/^[^\s;&|<>$`"'\\()]+( +[^\s;&|<>$`"'\\()]+)*$/)
      .nullable()
      .default(null),
    {
      label: 'Modules',
      description: 'slurm, ssh: environment modules that are loaded first, separated by spaces.',
      usual: [{ value: 'cuda/12.4 nodejs/22', source: 'module avail lists yours' }],
      sweepable: false,
    },
  ),
  setup: key(lines().nullable().default(null), {
    label: 'Set-up',
    description: 'slurm, ssh: lines of the shell that run before the trainer, such as export NAME=value.',
    sweepable: false,
  }),
  options: key(lines().nullable().default(null), {
    label: 'More options',
    description: 'slurm: further options of sbatch, one a line; ssh: of ssh, such as Port=2222.',
    usual: [{ value: '--qos=long', source: 'man sbatch' }],
    sweepable: false,
  }),
  node: key(z.string().min(1).nullable().default(null), {
    label: 'Node.js',
    description:
      'slurm, ssh: the Node.js (20.9 or later) of the machines that train. null: the one that runs here, at the same path; for ssh the node of its PATH.',
    usual: [{ value: 'node', source: 'from a module' }],
    sweepable: false,
  }),
  host: key(
    z
      .string()
      .regex(/^[^\s"'`\\-][^\s"'`\\]*$/)
      .nullable()
      .default(null),
    {
      label: 'Host',
      description:
        'ssh: the machine, as user@name or as a Host of ~/.ssh/config; it must connect without a password.',
      sweepable: false,
    },
  ),
  folder: key(z.string().min(1).nullable().default(null), {
    label: 'Folder there',
    description:
      'ssh: folder of that machine that the project is copied into; the run comes back while it trains. null: this disk is there at the same path.',
    usual: [{ value: '~/tandem-runs', source: 'in the home folder there' }],
    sweepable: false,
  }),
  tandem: key(z.string().min(1).nullable().default(null), {
    label: 'Tandem there',
    description:
      'ssh: folder of that machine with a built Tandem (npm ci, node build.mjs). null: at the same path as here.',
    usual: [{ value: '~/tandem', source: 'a checkout in the home folder there' }],
    sweepable: false,
  }),
});
