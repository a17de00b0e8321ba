import { computed, signal } from '@preact/signals';
import type { RunView } from '../../src/protocol/panel.ts';
import { changes, runs, shown } from '../model/model.ts';
import { groupsOf } from '../model/sweeps.ts';

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
  const sweeps = groupsOf(readable).filter(({ isSweep }) => isSweep);
  const drawn = readable.filter((run) => shown.value.includes(run.id));
  return [
    ...sweeps.map(({ id, name, runs: members }, index) => ({
      value: `sweep:${id}`,
      label: `${index === 0 ? 'last sweep' : name}, ${counted(members)}`,
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
