import * as z from 'zod';
import { positiveDuration } from './duration.ts';
import { key } from './key.ts';

/** Most runs that one file may ask for. */
export const mostRuns = 10_000;

const random = z.strictObject({
  count: key(z.int().min(1).max(mostRuns), {
    label: 'Count',
    description: 'Settings that are drawn.',
    unit: 'settings',
    usual: [
      { value: '20', source: 'Tandem' },
      { value: '60', source: 'with 95%, one of them is among the best 5% (Bergstra and Bengio, 2012)' },
    ],
    sweepable: false,
  }),
  seed: key(z.int().min(0).max(4294967295).default(0), {
    label: 'Seed',
    description: 'Start of the draws; each run has its own seed beside it.',
    usual: [{ value: '0', source: 'Tandem' }],
    sweepable: false,
  }),
});

const stopEarly = z.strictObject({
  kind: key(z.enum(['asha']).default('asha'), {
    label: 'Kind',
    description:
      'asha: asynchronous successive halving (Li et al., 2020). At each rung a run goes on only while it is among the best of those that got there.',
    sweepable: false,
  }),
  metric: key(z.string().min(1).nullable().default(null), {
    label: 'Metric',
    description:
      'Metric of evaluations that runs are compared by. null: that of checkpoint.best, else val/loss.',
    defaultText: 'checkpoint.best',
    usual: [
      { value: 'val/recall@1', source: 'Tandem' },
      {
        value: 'val/loss',
        source: 'with few validation pairs; says little across temperatures and batch sizes',
      },
    ],
    sweepable: false,
  }),
  reduction: key(z.int().min(2).max(100).default(3), {
    label: 'Reduction',
    description: 'One of that many runs goes on at a rung, and the next rung is that many times as far.',
    usual: [
      { value: '3', source: 'Hyperband (Li et al., 2018)' },
      { value: '4', source: 'ASHA (Li et al., 2020)' },
    ],
    sweepable: false,
  }),
  min: key(positiveDuration.default('1 epoch'), {
    label: 'First rung',
    description: 'Length that every run is trained for before it can be stopped.',
    unit: 'steps, epochs, samples or % of the run',
    control: 'duration',
    usual: [{ value: '1 epoch', source: 'Tandem' }],
    sweepable: false,
  }),
});

const budget = z.strictObject({
  runs: key(z.int().min(1).nullable().default(null), {
    label: 'Runs',
    description: 'Most runs that begin.',
    unit: 'runs',
    sweepable: false,
  }),
  steps: key(z.int().min(1).nullable().default(null), {
    label: 'Steps',
    description: 'Most steps of all runs together; looked at before a run begins and at each evaluation.',
    unit: 'steps',
    sweepable: false,
  }),
  hours: key(z.number().gt(0).nullable().default(null), {
    label: 'Hours',
    description:
      'Most hours of training of all runs together; looked at before a run begins and at each evaluation.',
    unit: 'hours',
    sweepable: false,
  }),
});

/** What a sweep may hold beside its lists and its seeds. */
export const sweepOptionsSchema = z.strictObject({
  random: key(random, {
    label: 'Random',
    description: 'Settings are drawn from lists and distributions instead of all combinations.',
  }),
  stop_early: key(stopEarly, {
    label: 'Early stopping',
    description: 'Runs that fall behind the others are stopped at a rung; each is planned in full length.',
  }),
  budget: key(budget, {
    label: 'Budget',
    description:
      'What the sweep may use; then no run begins, and those that train save a checkpoint and stop.',
  }),
});

type SweepOptions = z.output<typeof sweepOptionsSchema>;
export type SweepOption = keyof SweepOptions;

/** A sweep as read: which settings are tried, and what ends it or its runs early. */
export interface Sweep {
  /**
   * By dotted key, in the file's order. Of a grid: the values of an axis. Of a random sweep: what was drawn, so that the n-th of each
   * list make the n-th setting.
   */
  values: Record<string, unknown[]>;
  seeds: number[] | null;
  random: SweepOptions['random'] | null;
  stop_early: SweepOptions['stop_early'] | null;
  budget: SweepOptions['budget'] | null;
}
