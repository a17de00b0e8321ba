import { computed, signal } from '@preact/signals';
import type { RunView } from '../../src/protocol/panel.ts';
import { changes, runs, shown } from '../model/model.ts';

/** Which runs are compared: a sweep by its id, the drawn ones, all; null: the last sweep, or the drawn runs where there is none. */
export const choice = signal<string | null>(null);

export interface Choice {
  value: string;
  label: string;
  runs: RunView[];
}

/** What can be compared: each sweep, newest first, the drawn runs, and all. */
export const choices = computed((): Choice[] => {
  void changes.value;
  const readable = runs.value.filter((run) => !run.problem);
  const sweeps = new Map<string, RunView[]>();
  for (const run of readable) {
    const id = run.file?.sweep?.id;
    if (id) sweeps.set(id, [...(sweeps.get(id) ?? []), run]);
  }
  const drawn = readable.filter((run) => shown.value.includes(run.id));
  return [
    ...[...sweeps].map(([id, members], index) => ({
      value: `sweep:${id}`,
      label: `${index === 0 ? 'last sweep' : `sweep of ${dateOf(members)}`}, ${counted(members)}`,
      runs: members,
    })),
    { value: 'shown', label: `runs drawn in Plots, ${counted(drawn)}`, runs: drawn },
    { value: 'all', label: `all runs, ${counted(readable)}`, runs: readable },
  ];
});

export const chosen = computed((): Choice => {
  const all = choices.value;
  return (
    all.find(({ value }) => value === choice.value) ??
    all.find(({ value }) => value.startsWith('sweep:')) ??
    all.find(({ value, runs: members }) => value === 'shown' && members.length > 1) ??
    all.at(-1)!
  );
});

const counted = (list: RunView[]): string => `${list.length} ${list.length === 1 ? 'run' : 'runs'}`;

const dateOf = (members: RunView[]): string =>
  new Date(Math.min(...members.map((run) => run.file?.created ?? 0))).toLocaleString('en', {
    dateStyle: 'medium',
    timeStyle: 'short',
  });

/** `9 of 9 finished, 1 diverged`. */
export function standing(list: RunView[]): string {
  const count = (...statuses: string[]): number => list.filter((run) => statuses.includes(run.status)).length;
  const parts = [`${count('finished')} of ${list.length} finished`];
  for (const status of ['running', 'queued', 'diverged', 'failed', 'stopped', 'interrupted'])
    if (count(status)) parts.push(`${count(status)} ${status}`);
  return parts.join(', ');
}
