import { computed, effect, signal } from '@preact/signals';
import { keep, kept } from '../model/panel-model.ts';
import type { AddedPlot } from '../../src/analysis/added-plots.ts';
import type { Arrangement } from './arrangement.ts';
import type { XAxisName } from './x-axis.ts';

/** How plots are drawn; the same for all cards, and kept over a reload. */
export interface PlotSettings extends Arrangement {
  axis: XAxisName;
  /** Weight of the past in the exponential mean, 0 to below 1. */
  smoothing: number;
  ignoreOutliers: boolean;
  /** Cards whose y axis a person changed: true for logarithmic. */
  logs: Record<string, boolean>;
  /** Curves that were switched off in a legend: `card/label`. */
  hidden: string[];
  /** Dotted key of the setting that colours stand for; null: each run has its own. */
  colourBy: string | null;
  /** Whether runs that differ in their seed alone are drawn as one, with a band. */
  seedBands: boolean;
  /** Groups of plots that a person folded (true) or unfolded. */
  folded: Record<string, boolean>;
  /** Plots that a person added. */
  added: AddedPlot[];
}

const usual: PlotSettings = {
  axis: 'step',
  smoothing: 0.6,
  ignoreOutliers: false,
  logs: {},
  hidden: [],
  colourBy: null,
  seedBands: false,
  folded: {},
  collapsed: [],
  pinned: [],
  order: [],
  added: [],
};

export const plotSettings = signal<PlotSettings>({
  ...usual,
  ...(kept('plots') as Partial<PlotSettings> | undefined),
});

effect(() => keep('plots', plotSettings.value));

export function changePlots(change: Partial<PlotSettings>): void {
  plotSettings.value = { ...plotSettings.value, ...change };
}

export function addPlot(plot: AddedPlot): void {
  const { added } = plotSettings.value;
  changePlots({ added: [...added.filter(({ id }) => id !== plot.id), plot] });
}

export const removePlot = (id: string): void =>
  changePlots({ added: plotSettings.value.added.filter((plot) => plot.id !== id) });

/** The visible part of the x axis, in its own unit; null: all. */
export const xRange = signal<[number, number] | null>(null);

export const isZoomed = computed(() => xRange.value !== null);

/** Where `xRange` came to rest: what stands in words follows the picture, it need not keep up with each frame. */
export const restingRange = signal<[number, number] | null>(null);

let rest: ReturnType<typeof setTimeout>;
effect(() => {
  const range = xRange.value;
  clearTimeout(rest);
  // All is shown after the x axis was changed, too: what stood there has another unit.
  if (range === null) restingRange.value = null;
  else rest = setTimeout(() => (restingRange.value = range), 200);
});

/** Where the pointer or the arrow keys are on the x axis; null: nowhere. */
export const cursorX = signal<number | null>(null);

/** The `group` of curves that is pointed at in a plot or a legend; null: none. */
export const pointed = signal<string | null>(null);

/** Words that the names of drawn plots contain; empty: all are drawn. */
export const plotSearch = signal('');

/** The card that fills the tab; null: none. */
export const maximised = signal<string | null>(null);
