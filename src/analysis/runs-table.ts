import { isEvaluated, decidingMetric, shortMetric, trainLoss } from '../protocol/metrics.ts';
import type { RunView } from '../protocol/panel.ts';
import type { MetricSummary } from '../protocol/run.ts';
import { isActive } from '../protocol/run-status.ts';
import { stepOf } from '../protocol/summary.ts';
import { duration } from '../text/durations.ts';
import { byteSize, counted, shortNumber } from '../text/numbers.ts';
import { language, t } from '../text/say.ts';
import { settingName, settingText } from '../text/settings.ts';
import { compareValues, differingKeys } from './compared-settings.ts';
import { isAtChance, metricOf, resultMetrics } from './metric-values.ts';
import { statusText, withChance } from './metric-words.ts';

/** A column of the table of runs. */
export interface RunColumn {
  /** `setting:<key>`, `best:<metric>`, `last:<metric>`, or what it is. */
  id: string;
  title: string;
  /** Whole name, where the title is short. */
  hint: string;
  kind: 'run' | 'setting' | 'metric';
  /** Whether it is there before anybody chose. */
  isUsual: boolean;
}

export interface RunCell {
  text: string;
  /** By which rows are sorted, and what a file gets; undefined: there is none. */
  value: unknown;
}

/** What is known of runs beside themselves. */
export interface Beside {
  /** Bytes by run id, as far as they were counted. */
  sizes: ReadonlyMap<string, number>;
  /** Unix ms. */
  now: number;
}

/** All columns that these runs can have: what came of a run and what it was set to, then what it is. */
export function runColumns(runs: RunView[]): RunColumn[] {
  const keys = differingKeys(runs, { withSeed: true });
  const metrics = resultMetrics(runs);
  const deciding = decidingMetric(metrics);
  const experiments = new Set(runs.map(({ file }) => file?.experiment));
  const fact = (id: string, title: string, isUsual = true): RunColumn => ({
    id,
    title,
    hint: title,
    kind: 'run',
    isUsual,
  });
  return [
    fact('status', t('status')),
    ...(experiments.size > 1 ? [fact('experiment', t('experiment'))] : []),
    ...metrics.flatMap((metric): RunColumn[] => [
      {
        id: `best:${metric}`,
        title: t('best {0}', shortMetric(metric)),
        hint: metric,
        kind: 'metric',
        isUsual: metric === deciding,
      },
      {
        id: `last:${metric}`,
        title: t('last {0}', shortMetric(metric)),
        hint: metric,
        kind: 'metric',
        isUsual: metric === trainLoss,
      },
    ]),
    // A run's name has its settings in short: what came of them is seen first, also where there is little room.
    ...keys.map((key): RunColumn => {
      const title = settingName(key, keys);
      return { id: `setting:${key}`, title, hint: key, kind: 'setting', isUsual: true };
    }),
    fact('step', t('step'), false),
    fact('duration', t('duration')),
    fact('size', t('size')),
    fact('started', t('started')),
    fact('tags', t('tags')),
    fact('note', t('note')),
  ];
}

/** What stands in a column of a run's row. */
export function runCell(run: RunView, column: RunColumn, beside: Beside): RunCell {
  const value = runValue(run, column, beside);
  return { value, text: textOf(run, column, value) };
}

/** By which rows are sorted; to put it in words takes ten times as long. */
function runValue(run: RunView, { id }: RunColumn, { sizes, now }: Beside): unknown {
  const { file } = run;
  const [kind, name] = partsOf(id);
  if (kind === 'setting') return run.settings[name];
  if (kind) return measured(run, name)?.[kind];
  switch (id) {
    case 'name':
      return file?.title ?? run.label;
    case 'status':
      return statusOf(run);
    case 'experiment':
      return file?.experiment;
    case 'step':
      return stepOf(run.state, file) || undefined;
    case 'duration':
      return trainedMs(run, now) ?? undefined;
    case 'size':
      return sizes.get(run.id);
    case 'started':
      return file?.created || undefined;
    case 'tags':
      return file?.tags.join(t(', ')) || undefined;
    case 'note':
      return file?.note || undefined;
    default:
      return undefined;
  }
}

function textOf(run: RunView, { id }: RunColumn, value: unknown): string {
  const [kind, name] = partsOf(id);
  if (kind === 'setting') return settingText(value);
  if (kind) return value === undefined ? '–' : metricText(run, name, value as number);
  if (typeof value === 'number') return (inWords[id] ?? counted)(value);
  // Of words an empty cell says that there are none.
  return (value as string | undefined) ?? (['experiment', 'tags', 'note'].includes(id) ? '' : '–');
}

const inWords: Readonly<Record<string, (value: number) => string>> = {
  duration: (ms) => duration(ms),
  size: (bytes) => byteSize(bytes),
  started: (time) => dateText(time),
};

/** `best:val/recall@10` as `best` and the metric; of other columns nothing. */
function partsOf(id: string): ['setting' | 'best' | 'last' | null, string] {
  const at = id.indexOf(':');
  return at > 0 ? [id.slice(0, at) as 'setting' | 'best' | 'last', id.slice(at + 1)] : [null, ''];
}

const statusOf = (run: RunView): string =>
  run.problem ? t('cannot be read') : statusText(run.status, isAtChance(run));

function metricText(run: RunView, metric: string, value: number): string {
  const text = shortNumber(value);
  return isEvaluated(metric) ? withChance(text, measured(run, metric)!.chance) : text;
}

/** Of a run that trains and of other programs' logs run.json knows less than the curves; else these need not be looked through. */
const measured = (run: RunView, metric: string): MetricSummary | null =>
  isActive(run.status) || run.foreign ? metricOf(run, metric) : (run.file?.summary[metric] ?? null);

/** Time spent training, without the queue and pauses; null when it is not known. */
export function trainedMs({ file, status }: Pick<RunView, 'file' | 'status'>, now: number): number | null {
  if (!file || file.trained_ms === null || status === 'queued') return null;
  return status === 'running'
    ? file.trained_ms + Math.max(0, now - (file.heartbeat ?? now))
    : file.trained_ms;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** One format for all rows: making one takes longer than a thousand uses. */
function dateText(time: number): string {
  const code = language();
  let format = formats.get(code);
  if (!format) {
    format = new Intl.DateTimeFormat(code, { dateStyle: 'medium', timeStyle: 'short' });
    formats.set(code, format);
  }
  return format.format(time);
}

/** The runs in the order of a column; those without a value stay at the end either way, equal ones as they were. */
export function sortedRuns(
  runs: readonly RunView[],
  column: RunColumn,
  isDescending: boolean,
  beside: Beside,
): RunView[] {
  const rows = runs.map((run) => ({ run, value: runValue(run, column, beside) }));
  const isMissing = (value: unknown): boolean => value === undefined || value === null || Number.isNaN(value);
  rows.sort((a, b) => {
    if (isMissing(a.value) || isMissing(b.value))
      return Number(isMissing(a.value)) - Number(isMissing(b.value));
    return isDescending ? compareValues(b.value, a.value) : compareValues(a.value, b.value);
  });
  return rows.map(({ run }) => run);
}
