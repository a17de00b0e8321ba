import { colourOfRun } from '../../src/analysis/colours.ts';
import type { RunView } from '../../src/protocol/panel.ts';
import { theme } from './theme.ts';

/** A run's colour in the present theme; a log has only its folder's name. */
export const runColour = ({ id, file }: RunView): string =>
  colourOfRun(file ?? { id, sweep: null, colour: null }, theme.value.background);

/** What a run is called where there is little room. */
export const runName = (run: RunView): string => run.file?.title ?? run.label;
