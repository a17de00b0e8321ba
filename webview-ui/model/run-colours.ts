import { categoryColour, categoryOfRun } from '../../src/analysis/colours.ts';
import type { RunView } from '../../src/protocol/panel.ts';
import { theme } from './theme.ts';

/** A run's colour, the same in all places and after each reload. */
export const runColour = (run: RunView): string =>
  categoryColour(categoryOfRun(run.id, run.file?.sweep), theme.value.background);

/** What a run is called where there is little room. */
export const runName = (run: RunView): string => run.file?.title ?? run.label;
