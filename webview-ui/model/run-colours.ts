import { categoryColour } from '../../src/analysis/colours.ts';
import type { RunView } from '../../src/protocol/panel.ts';
import { runs } from './model.ts';
import { theme } from './theme.ts';

const places = new Map<string, number>();

/** A run's colour, the same in all places and for as long as the panel lives: by its age among the runs seen first. */
export function runColour(id: string): string {
  if (!places.has(id)) {
    const oldestFirst = [...runs.value].reverse();
    for (const run of oldestFirst) if (!places.has(run.id)) places.set(run.id, places.size);
  }
  return categoryColour(places.get(id) ?? 0, theme.value.background);
}

/** What a run is called where there is little room. */
export const runName = (run: RunView): string => run.file?.title ?? run.label;
