import { categoryColour } from '../../src/analysis/colours.ts';
import type { RunView } from '../../src/protocol/panel.ts';
import { theme } from './theme.ts';

const places = new Map<string, number>();

/** A run's colour, the same in all places and for as long as the panel lives: by the order in which runs were first drawn. */
export function runColour(id: string): string {
  if (!places.has(id)) places.set(id, places.size);
  return categoryColour(places.get(id)!, theme.value.background);
}

/** What a run is called where there is little room. */
export const runName = (run: RunView): string => run.file?.title ?? run.label;
