import { computed } from '@preact/signals';
import type { RunView } from '../../src/protocol/panel.ts';
import { plural } from '../../src/text/words.ts';
import { runs, shown, shownRuns } from '../model/panel-model.ts';
import { groupsOf } from '../model/sweeps.ts';
import { t } from '../../src/text/say.ts';

export interface Choice {
  value: string;
  label: string;
  runs: RunView[];
}

/** The runs that are compared: those that are shown in the other parts of the panel, as far as they can be read. */
export const compared = computed(() => shownRuns.value.filter((run) => !run.problem));

/** What can be shown at once: each sweep, newest first, and all runs. What is shown and is none of these comes first. */
export const choices = computed((): Choice[] => {
  const sweeps = groupsOf(runs.value).filter(({ isSweep }) => isSweep);
  const known = [
    ...sweeps.map(({ id, name, runs: members }, index) => ({
      value: `sweep:${id}`,
      label: `${index === 0 ? t('last sweep') : name}${t(', ')}${counted(members)}`,
      runs: members,
    })),
    { value: 'all', label: t('all runs, {0}', counted(runs.value)), runs: runs.value },
  ];
  return known.some(isShown)
    ? known
    : [
        { value: 'shown', label: t('selected, {0}', counted(shownRuns.value)), runs: shownRuns.value },
        ...known,
      ];
});

/** Which of the choices is shown. */
export const chosen = computed(() => choices.value.find(isShown)!);

const isShown = ({ runs: members }: Choice): boolean =>
  members.length === shown.value.length && members.every(({ id }) => shown.value.includes(id));

const counted = (list: RunView[]): string => plural(list.length, '{0} run', '{0} runs');
