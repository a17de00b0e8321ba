import { countStatuses } from '../../src/protocol/run-status.ts';
import type { RunView } from '../../src/protocol/panel.ts';
import { t, language } from '../../src/text/say.ts';
import { countedStatus } from '../../src/analysis/metric-words.ts';

/** Runs that belong together in lists: a sweep, or what belongs to none. */
export interface RunGroup {
  id: string;
  /** `sweep of Jan 5, 2026, 9:30 AM`. */
  name: string;
  runs: RunView[];
  isSweep: boolean;
}

/** The sweeps, newest first as the runs are, then runs of their own, then logs of others. */
export function groupsOf(runs: RunView[]): RunGroup[] {
  const sweeps = new Map<string, RunView[]>();
  const single: RunView[] = [];
  const logs: RunView[] = [];
  for (const run of runs) {
    const id = run.file?.sweep?.id;
    if (id) sweeps.set(id, [...(sweeps.get(id) ?? []), run]);
    else (run.foreign ? logs : single).push(run);
  }
  const others = (id: string, name: string, members: RunView[]): RunGroup[] =>
    members.length ? [{ id, name, runs: members, isSweep: false }] : [];
  return [
    ...[...sweeps].map(([id, members]) => ({
      id,
      name: t('sweep of {0}', dateOf(members)),
      runs: members,
      isSweep: true,
    })),
    ...others('single', sweeps.size ? t('other runs') : t('runs'), single),
    ...others('logs', t('logs'), logs),
  ];
}

const dateOf = (members: RunView[]): string =>
  new Date(Math.min(...members.map((run) => run.file?.created ?? 0))).toLocaleString(language(), {
    dateStyle: 'medium',
    timeStyle: 'short',
  });

/** `9 of 9 finished, 1 diverged`. */
export function standing(list: RunView[]): string {
  const counts = new Map(countStatuses(list.map(({ status }) => status)));
  const finished = t('{0} of {1} finished', counts.get('finished') ?? 0, list.length);
  counts.delete('finished');
  return [finished, ...[...counts].map(([status, count]) => countedStatus(count, status))].join(t(', '));
}
