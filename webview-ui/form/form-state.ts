import { signal } from '@preact/signals';
import type { ProblemView } from '../../src/protocol/panel.ts';
import { chooseTab, experiment, keep, kept } from '../model/panel-model.ts';

/** Sections of the form that a person unfolded (true) or folded, by name; kept over a reload. */
export const unfolded = signal<Record<string, boolean>>((kept('form') as Record<string, boolean>) ?? {});

export function unfold(section: string, isOpen: boolean): void {
  unfolded.value = { ...unfolded.value, [section]: isOpen };
  keep('form', unfolded.value);
}

/** Words that the shown settings contain; empty: all are shown. */
export const formSearch = signal('');

/** The problem that a person is led to, by its place in the experiment's list; null: none. */
export const ledTo = signal<number | null>(null);

const ranks: Record<ProblemView['severity'], number> = { error: 0, warning: 1, info: 2 };
let last = -1;

/** Leads to the next problem: errors first, then warnings, then again from the first. */
export function leadToProblem(): void {
  const order = (experiment.value?.problems ?? [])
    .map(({ severity }, index) => ({ rank: ranks[severity], index }))
    .filter(({ rank }) => rank < ranks.info)
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .map(({ index }) => index);
  const next = order[order.indexOf(last) + 1] ?? order[0];
  if (next === undefined) return;
  last = next;
  formSearch.value = '';
  chooseTab('experiment');
  ledTo.value = next;
}
