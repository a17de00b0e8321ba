import { endedAtChance } from '../protocol/chance.ts';
import type { Chance } from '../protocol/chance.ts';
import { shortMetric, trainLoss } from '../protocol/metrics.ts';
import { measured, percent, shortNumber } from '../text/numbers.ts';
import { settingName, settingText } from '../text/settings.ts';
import { statusText, withChance, countedStatus } from './metric-words.ts';
import { compareValues } from './compared-settings.ts';
import type { RunStatus } from '../protocol/events.ts';
import type { ComparedRun, Setting } from './compared-settings.ts';
import { chanceOf, distinctSeeds, valuesOf } from './setting-values.ts';
import { sampleOf } from './student.ts';
import { t } from '../text/say.ts';

/** A column: a setting that differs, or what came of it. */
export interface Column {
  id: string;
  title: string;
  /** Measured columns show differences to a pinned row in percent. */
  isMeasured: boolean;
  /** A word of the field in the title, see `meaningOf`. */
  term?: string;
}

export interface Cell {
  text: string;
  /** By which rows are sorted; undefined comes last. */
  value: unknown;
}

export interface Row {
  setting: Setting;
  cells: Cell[];
}

export interface ComparisonTable {
  columns: Column[];
  rows: Row[];
}

/** The table of a comparison: only the settings that differ, then seeds, metrics, largest gradient norms, clipping and status. */
export function comparisonTable(
  settings: Setting[],
  keys: string[],
  metric: string,
  pick: 'best' | 'last',
): ComparisonTable {
  const branches = [
    ...new Set(settings.flatMap(({ runs }) => runs.flatMap((run) => Object.keys(run.largestNorm)))),
  ];
  const metrics: { id: string; title: string; pick: 'best' | 'last'; name: string }[] = [
    {
      id: 'metric',
      title: pick === 'best' ? t('best {0}', shortMetric(metric)) : t('last {0}', shortMetric(metric)),
      pick,
      name: metric,
    },
  ];
  if (metric !== trainLoss && settings.some(({ runs }) => runs.some((run) => run.metrics[trainLoss])))
    metrics.push({ id: 'loss', title: t('final loss'), pick: 'last', name: trainLoss });
  const hasRuns = settings.some(({ runs }) => runs.length > 1);
  const columns: Column[] = [
    ...(keys.length && !settings.some(({ isLog }) => isLog)
      ? []
      : [{ id: 'run', title: t('run'), isMeasured: false }]),
    ...keys.map((key) => ({ id: key, title: columnTitle(key, keys), isMeasured: false })),
    ...(hasRuns ? [{ id: 'seeds', title: t('seeds'), isMeasured: false }] : []),
    ...metrics.map(({ id, title }) => ({ id, title, isMeasured: true })),
    ...branches.map((branch) => ({
      id: `norm:${branch}`,
      title: t('max norm {0}', branch),
      isMeasured: true,
      term: 'max_norm',
    })),
    ...(settings.some(({ runs }) => runs.some((run) => run.clipped !== null))
      ? [{ id: 'clipped', title: t('clipped'), isMeasured: false, term: 'clipped' }]
      : []),
    { id: 'status', title: t('status'), isMeasured: false },
  ];
  const rows = settings.map((setting) => {
    const { runs, values, label } = setting;
    const cells: Record<string, Cell> = {
      run: { text: label, value: label },
      seeds: seedsCell(setting, metric, pick),
      status: { text: statusesOf(runs), value: statusesOf(runs) },
      clipped: meanCell(
        runs.map((run) => run.clipped ?? NaN),
        percent,
      ),
    };
    for (const key of keys) cells[key] = { text: settingText(values[key]), value: values[key] };
    for (const { id, name, pick: which } of metrics)
      cells[id] = spreadCell(valuesOf(setting, name, which), chanceOf([setting], name));
    for (const branch of branches)
      cells[`norm:${branch}`] = largestCell(runs.map((run) => run.largestNorm[branch] ?? NaN));
    return { setting, cells: columns.map(({ id }) => cells[id]!) };
  });
  return { columns, rows };
}

const columnTitle = (key: string, keys: string[]): string => settingName(key, keys);

function spreadCell(values: number[], chance: Chance | undefined): Cell {
  if (!values.length) return { text: '–', value: undefined };
  const { mean, spread, count } = sampleOf(values);
  const text = count > 1 ? `${measured(mean, spread)} ± ${measured(spread, spread)}` : shortNumber(mean);
  return {
    text: withChance(text, chance),
    value: mean,
  };
}

/** How many seeds a setting was trained with; runs that repeat one are told beside it. */
function seedsCell(setting: Setting, metric: string, pick: 'best' | 'last'): Cell {
  const count = distinctSeeds(setting, metric, pick).length;
  const repeated = setting.runs.length - count;
  return { text: repeated ? t('{0} ({1} repeated)', count, repeated) : String(count), value: count };
}

function meanCell(values: number[], write: (value: number) => string): Cell {
  const finite = values.filter(Number.isFinite);
  if (!finite.length) return { text: '–', value: undefined };
  const { mean } = sampleOf(finite);
  return { text: write(mean), value: mean };
}

function largestCell(values: number[]): Cell {
  const finite = values.filter(Number.isFinite);
  if (!finite.length) return { text: '–', value: undefined };
  const largest = Math.max(...finite);
  return { text: shortNumber(largest), value: largest };
}

function statusesOf(runs: ComparedRun[]): string {
  const kinds = new Map<string, { status: RunStatus; isAtChance: boolean; count: number }>();
  for (const { status, metrics } of runs) {
    const isAtChance = endedAtChance(status, metrics);
    const kind = kinds.get(statusText(status, isAtChance)) ?? { status, isAtChance, count: 0 };
    kind.count++;
    kinds.set(statusText(status, isAtChance), kind);
  }
  if (kinds.size === 1) return [...kinds.keys()][0]!;
  return [...kinds.values()]
    .map(({ status, isAtChance, count }) => {
      const text = countedStatus(count, status);
      return isAtChance ? t('{0} at chance', text) : text;
    })
    .join(t(', '));
}

/** Rows in the order of a column; rows without a value stay at the end either way. */
export function sorted(rows: Row[], column: number, isDescending: boolean): Row[] {
  return [...rows].sort((a, b) => {
    const [x, y] = [a.cells[column]!.value, b.cells[column]!.value];
    if (x === undefined || y === undefined) return compareValues(x, y);
    return isDescending ? compareValues(y, x) : compareValues(x, y);
  });
}

/** Rows of which some cell contains each word. */
export function filtered(rows: Row[], search: string): Row[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(({ cells }) =>
    words.every((word) => cells.some(({ text }) => text.toLowerCase().includes(word))),
  );
}

/** How far a value is from the pinned one: `+5.3%`; null where that says nothing. */
export function differenceText(value: unknown, pinned: unknown): string | null {
  if (typeof value !== 'number' || typeof pinned !== 'number' || pinned === 0) return null;
  const share = (value - pinned) / Math.abs(pinned);
  return `${share > 0 ? '+' : share < 0 ? '−' : ''}${percent(Math.abs(share))}`;
}
