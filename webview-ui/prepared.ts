import { effect, signal, untracked } from '@preact/signals';
import type { PanelTab } from '../src/protocol/panel.ts';
import { changes, isLoaded, progress, shown, shownRuns, tab } from './model/panel-model.ts';
import { theme } from './model/theme.ts';
import { isBusy } from './plots/later.ts';
import { maximised, plotSearch, plotSettings, xRange } from './plots/plot-settings.ts';

/** Tabs that are dear to make, those first that are pressed more. */
const dear: PanelTab[] = ['plots', 'compare'];

/**
 * The dear tabs that are there, in sight or not. They are made while the page has nothing else to do, so that a press only shows them;
 * they are thrown away when another choice of runs, theme, size or setting would make them anew. Points that a training appends do
 * neither: a tab that is shown takes them up.
 */
export const prepared = signal<PanelTab[]>([]);

/** How long nothing of the kind has changed before tabs are made, in ms. */
const restMs = 500;

let timer: ReturnType<typeof setTimeout> | undefined;

/** Begins to make tabs ahead. */
export function prepareTabs(): void {
  effect(() => {
    void [shown.value, theme.value, plotSettings.value, xRange.value, maximised.value, plotSearch.value];
    throwAway();
  });
  window.addEventListener('resize', throwAway);
  effect(() => {
    const inSight = tab.value;
    const made = prepared.peek();
    // One that is left stays.
    if (dear.includes(inSight) && !made.includes(inSight)) prepared.value = [...made, inSight];
  });
  effect(() => {
    void [changes.value, progress.value];
    untracked(prepareSoon);
  });
}

function throwAway(): void {
  prepared.value = dear.filter((name) => name === tab.peek());
  clearTimeout(timer);
  timer = undefined;
  prepareSoon();
}

function prepareSoon(): void {
  if (timer === undefined && nextTab()) timer = setTimeout(prepare, restMs);
}

/** The next tab to make; null when all are there, or the curves are not. */
function nextTab(): PanelTab | null {
  const runs = shownRuns.peek();
  const areRead =
    isLoaded.peek() &&
    !progress.peek() &&
    runs.some(({ state }) => state?.series.size) &&
    runs.every(({ state, problem, status }) => state !== null || problem !== null || status === 'queued');
  return (areRead && dear.find((name) => !prepared.peek().includes(name))) || null;
}

/** One tab after the other: the next when all parts of the one before are made and drawn. */
function prepare(): void {
  timer = undefined;
  const next = nextTab();
  if (next && !isBusy()) prepared.value = [...prepared.peek(), next];
  prepareSoon();
}
