import { computed, signal } from '@preact/signals';
import type { ModelCall, ModelProgress } from '../../src/protocol/inference.ts';
import type {
  ExperimentView,
  LogMessage,
  PanelTab,
  PreviewMessage,
  ProgressMessage,
  RunDelta,
  RunView,
  ToPanel,
} from '../../src/protocol/panel.ts';
import { applyDelta } from '../../src/protocol/panel-delta.ts';
import { answered, keepState, keptState, tell } from './host.ts';

/** Everything the panel shows. Runs are changed in place: `changes` counts up when curves or states of runs did. */
export const isLoaded = signal(false);
export const experiment = signal<ExperimentView | null>(null);
export const hasExperiment = computed(() => experiment.value !== null);
export const runs = signal<RunView[]>([]);
export const shown = signal<string[]>([]);
export const tab = signal<PanelTab>('experiment');
export const progress = signal<ProgressMessage | null>(null);
export const preview = signal<PreviewMessage | null>(null);
/** How far questions to a finished model are, by call. */
export const modelProgress = signal<Partial<Record<ModelCall, ModelProgress | null>>>({});
export const changes = signal(0);
/** The end of the log of the run whose log is in sight. */
export const log = signal<{ run: string; text: string } | null>(null);

/** The runs that all parts of the panel are about: plots, comparison, header and report. */
export const shownRuns = computed(() => {
  void changes.value;
  const ids = new Set(shown.value);
  return runs.value.filter((run) => ids.has(run.id));
});

interface SavedState {
  /** Address of the experiment, and the tab; the host reads both. */
  experiment?: string | null;
  tab?: PanelTab;
  shown?: string[];
  plots?: unknown;
  form?: unknown;
  table?: unknown;
  picture?: unknown;
}

const saved = (): SavedState => keptState() ?? {};

type Part = 'plots' | 'form' | 'table' | 'picture';

/** How a part of the panel is set survives a reload of the window. */
export const kept = (part: Part): unknown => saved()[part];
export const keep = (part: Part, value: unknown): void => keepState({ ...saved(), [part]: value });

/** Begins: says `ready`, with what was kept from before a reload. */
export function openModel(): void {
  tell({ kind: 'ready', shown: saved().shown ?? null });
}

export function chooseTab(next: PanelTab): void {
  tab.value = next;
  keepState({ ...saved(), tab: next });
  tell({ kind: 'tab', tab: next });
}

/** Shows these runs in all parts of the panel; the host is told, for it reads their curves. */
export function showRuns(ids: string[]): void {
  hasChosen = true;
  shown.value = ids;
  keepState({ ...saved(), shown: ids });
  tell({ kind: 'show', runs: ids });
}

/** Whether runs were chosen here since the last snapshot: what the host said before it heard of that changes nothing. */
let hasChosen = false;

export function take(message: ToPanel): void {
  switch (message.kind) {
    case 'snapshot':
      isLoaded.value = true;
      hasChosen = false;
      experiment.value = message.experiment;
      takeRuns(
        message.runs,
        message.runs.map(({ id }) => id),
        message.shown,
      );
      tab.value = message.tab;
      // With these the host finds its way back to this experiment after a reload of the window.
      keepState({ ...saved(), experiment: message.experiment?.uri ?? null, tab: tab.value });
      return;
    case 'runs':
      takeRuns(message.runs, message.order, message.shown);
      return;
    case 'events':
      for (const delta of message.runs) takeDelta(delta);
      changesSoon();
      return;
    case 'experiment':
      experiment.value = message.experiment;
      return;
    case 'preview':
      preview.value = message;
      return;
    case 'progress':
      takeProgress(message);
      return;
    case 'log':
      takeLog(message);
      return;
    case 'answer':
      answered(message.id, message);
      return;
    case 'modelProgress':
      modelProgress.value = { ...modelProgress.value, [message.call]: message.progress };
  }
}

function takeRuns(news: RunView[], order: string[], nextShown: string[]): void {
  const known = new Map(runs.value.map((run) => [run.id, run]));
  for (const run of news) {
    run.state ??= known.get(run.id)?.state ?? null;
    known.set(run.id, run);
  }
  runs.value = order.flatMap((id) => known.get(id) ?? []);
  const ids = new Set(order);
  const left = shown.value.filter((id) => ids.has(id));
  // When all that were chosen are deleted, the host's choice counts again.
  if (shown.value.length && !left.length) hasChosen = false;
  const chosen = hasChosen ? left : nextShown;
  // The same one where the choice is the same: what depends on it stays.
  if (chosen.join() !== shown.value.join()) shown.value = chosen;
  keepState({ ...saved(), shown: shown.value });
  changes.value++;
}

/** Letters of a log that are kept: all of it is in the file. */
const mostOfLog = 400_000;

function takeLog({ run, text, isWhole }: LogMessage): void {
  const before = !isWhole && log.value?.run === run ? log.value.text : '';
  log.value = { run, text: (before + text).slice(-mostOfLog) };
}

function takeDelta(delta: RunDelta): void {
  const run = runs.value.find(({ id }) => id === delta.id);
  if (run) applyDelta(run, delta);
}

/** What is being read, though not said yet. */
let reading: ProgressMessage | null = null;
let sayTimer: ReturnType<typeof setTimeout> | undefined;

/** How far reading is, said ten times a second; what is read sooner than that is not spoken of. */
function takeProgress(message: ProgressMessage): void {
  if (message.text !== null) {
    if (!reading) lastChange = performance.now();
    reading = message;
    sayTimer ??= setTimeout(() => {
      sayTimer = undefined;
      progress.value = reading;
    }, 100);
    return;
  }
  clearTimeout(sayTimer);
  sayTimer = undefined;
  reading = progress.value = null;
  if (isDue) changeNow();
}

let isDue = false;
let lastChange = -Infinity;
let changeTimer: ReturnType<typeof setTimeout>;

/** Screens are drawn anew at most ten times a second, however many messages come, and twice a second while more is being read. */
function changesSoon(): void {
  if (isDue) return;
  isDue = true;
  changeTimer = setTimeout(changeNow, (reading ? 500 : 100) - (performance.now() - lastChange));
}

function changeNow(): void {
  clearTimeout(changeTimer);
  isDue = false;
  lastChange = performance.now();
  changes.value++;
}
