import { categoryColour, categoryOfRun } from '../../src/analysis/colours.ts';
import type { RunView } from '../../src/protocol/panel.ts';
import { theme } from './theme.ts';

/** A run's colour, the same in all places and after each reload: the one that a person gave it, else that of its name or place. */
export const runColour = (run: RunView): string =>
  run.file?.colour ?? categoryColour(categoryOfRun(run.id, run.file?.sweep), theme.value.background);

/** What a run is called where there is little room. */
export const runName = (run: RunView): string => run.file?.title ?? run.label;
