import type { RunStatus } from '../protocol/events.ts';
import type { MetricSummary, RunFile } from '../protocol/run.ts';
import { settingText } from '../text/settings.ts';
import { t } from '../text/say.ts';

/** What a filter looks at of a run. */
export interface Filterable {
  label: string;
  status: RunStatus;
  file: RunFile | null;
  /** By dotted key; as much as is known. */
  settings: Record<string, unknown>;
}

/** A filter text, understood. */
export interface RunFilter {
  passes: (run: Filterable) => boolean;
  /** Names whose values are compared: settings have to be read for them. */
  names: string[];
  /** What is wrong with the text; the part it is about filters nothing. */
  problem: string | null;
}

/**
 * The filter of the explorer and of the panel's table. Each part must hold: a word is found in the run's name, experiment, id, note, tags
 * or what was set for it; `recall@10 > 0.4` and `optimizer.learning_rate.text < 1e-3` compare a metric's best value or a setting;
 * `last:train/loss < 2` its last one; `duration > 10min` and `started >= 2026-01-05` as they read; `status:failed`, `tag:paper` and
 * `starred` as well. `-` before a part excludes what it finds, `"two words"` is one.
 */
export function parseFilter(text: string): RunFilter {
  const filter: RunFilter = { passes: () => true, names: [], problem: null };
  const parts: ((run: Filterable) => boolean)[] = [];
  for (const match of text.matchAll(part)) {
    const { minus, name, operator, value, quoted, word } = match.groups as Partial<Record<string, string>>;
    if (operator && (!name || value === undefined)) {
      filter.problem ??= t('{0} stands between a name and a value.', operator);
      continue;
    }
    const wanted = (value ?? quoted ?? word ?? '').replace(/^"(.*)"$/, '$1');
    if (name) filter.names.push(withoutPick(name));
    const test = name
      ? comparison(name, operator as Operator, wanted)
      : wordTest(wanted, quoted !== undefined);
    parts.push(minus ? (run) => !test(run) : test);
  }
  return { ...filter, passes: (run) => parts.every((test) => test(run)) };
}

/** The names of a filter that none of the runs has a value of; misspelt ones, most likely. */
export function unknownNames({ names }: RunFilter, runs: readonly Filterable[]): string[] {
  return [...new Set(names)].filter((name) => runs.every((run) => valueOf(run, name, 'best') === undefined));
}

const part =
  /(?<minus>-?)(?:(?<name>[^\s"<>=!-][^\s"<>=!]*)?\s*(?<operator><=|>=|!=|<|>|=)\s*(?<value>"[^"]*"|[^\s"<>=!]+)?|"(?<quoted>[^"]*)"|(?<word>[^\s"]+))/g;

type Operator = '<' | '<=' | '>' | '>=' | '=' | '!=';
type Pick = 'best' | 'last';

function wordTest(word: string, isQuoted: boolean): (run: Filterable) => boolean {
  const wanted = word.toLowerCase();
  if (!isQuoted && wanted === 'starred') return (run) => run.file?.starred ?? false;
  const [, field, text] = (!isQuoted && /^(status|tag):(.*)$/.exec(wanted)) || [];
  if (field === 'status') return (run) => run.status.startsWith(text!);
  if (field === 'tag') return (run) => run.file?.tags.some((tag) => tag.toLowerCase() === text) ?? false;
  return (run) => textOf(run).includes(wanted);
}

/** What was made of a run's file, which is another object whenever anything in it has changed: a filter is typed letter by letter. */
const texts = new WeakMap<RunFile, string>();

function textOf({ label, status, file }: Filterable): string {
  const beside = `${label}\n${status}`.toLowerCase();
  if (!file) return beside;
  let text = texts.get(file);
  if (text === undefined) {
    const { id, experiment, title, note, tags, reason, settings } = file;
    const set = Object.entries(settings).map(([path, value]) => `${path}=${settingText(value)}`);
    text = [id, experiment, title, note, reason, ...tags, ...set].join('\n').toLowerCase();
    texts.set(file, text);
  }
  return `${beside}\n${text}`;
}

function comparison(name: string, operator: Operator, wanted: string): (run: Filterable) => boolean {
  const pick: Pick = name.startsWith('last:') ? 'last' : 'best';
  const number = numberIn(withoutPick(name), wanted);
  return (run) => {
    const value = valueOf(run, withoutPick(name), pick);
    if (value === undefined) return false;
    if (typeof value === 'number' && !Number.isNaN(number)) return holds[operator](value, number);
    const isSame = settingText(value).toLowerCase() === wanted.toLowerCase();
    return operator === '=' || operator === '<=' || operator === '>=' ? isSame : operator === '!=' && !isSame;
  };
}

const withoutPick = (name: string): string => name.replace(/^(last|best):/, '');

const holds: Record<Operator, (value: number, wanted: number) => boolean> = {
  '<': (value, wanted) => value < wanted,
  '<=': (value, wanted) => value <= wanted,
  '>': (value, wanted) => value > wanted,
  '>=': (value, wanted) => value >= wanted,
  '=': (value, wanted) => value === wanted,
  '!=': (value, wanted) => value !== wanted,
};

/** The value of a name: what a run knows of itself, a setting, or a metric; undefined when there is none. */
function valueOf(run: Filterable, name: string, pick: Pick): unknown {
  const known = own[name.toLowerCase()];
  if (known) return run.file ? (known(run.file, run) ?? undefined) : undefined;
  const key = found(run.settings, name);
  if (key !== undefined) return run.settings[key] ?? undefined;
  const metric = metricNamed(run.file?.summary ?? {}, name);
  return metric?.[pick];
}

const own: Readonly<Record<string, (file: RunFile, run: Filterable) => unknown>> = {
  step: ({ step }) => step,
  started: ({ created }) => created,
  duration: ({ trained_ms: ms }) => ms,
  status: (_file, { status }) => status,
  name: (_file, { label }) => label,
  experiment: ({ experiment }) => experiment,
};

/** The setting's key, or the one whose ending is written: `learning_rate.text`. */
function found(settings: Record<string, unknown>, name: string): string | undefined {
  if (name in settings) return name;
  return Object.keys(settings).find((key) => key.endsWith(`.${name}`));
}

/** `recall@10` for `val/recall@10`; `loss` is the training's, as in the explorer. */
function metricNamed(summary: Record<string, MetricSummary>, name: string): MetricSummary | undefined {
  const direct = summary[name] ?? summary[`train/${name}`] ?? summary[`val/${name}`];
  if (direct) return direct;
  const ending = Object.keys(summary).find((metric) => metric.endsWith(`/${name}`));
  return ending === undefined ? undefined : summary[ending];
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1e3, m: 6e4, min: 6e4, h: 36e5, d: 864e5 };

/** A number as it is compared: durations in ms (without a unit seconds are meant), days as their beginning. */
function numberIn(name: string, text: string): number {
  if (name === 'started') return dayOf(text);
  if (name !== 'duration') return Number(text);
  const [, amount, unit = 's'] = /^([\d.]+)([a-z]*)$/i.exec(text) ?? [];
  return Number(amount ?? NaN) * (unitMs[unit || 's'] ?? NaN);
}

/** Local midnight of `2026-01-05`; any other date as JavaScript reads it. */
function dayOf(text: string): number {
  const [, year, month, day] = /^(\d{4})-(\d\d?)-(\d\d?)$/.exec(text) ?? [];
  return year ? new Date(Number(year), Number(month) - 1, Number(day)).getTime() : Date.parse(text);
}
