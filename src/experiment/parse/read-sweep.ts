import type { Reading } from './parsed.ts';
import { removeItemAt } from '../edit/remove.ts';
import { nearestPath } from './nearest.ts';
import { lazyFix, type Fix, type Problem } from '../document/problem.ts';
import { readValue, valueProblem } from './read-value.ts';
import { spacedValues } from './spaced-values.ts';
import { sections, settings, sweepableSettings, type Setting } from '../schema/settings.ts';
import { rangeOf } from '../document/source.ts';
import type { ListNode, MapEntry, TreeNode } from '../document/tree.ts';

/** The setting of one item of `seeds`. */
const seeds: Setting = { ...settings.get('seed')!, path: 'seeds', wants: 'whole' };

/** Most runs that one file may ask for. */
const mostRuns = 10_000;

/** The lists of the sweep, valid values only; null without any. What is wrong is said at the key or the very item. */
export function readSweep(reading: Reading, entry: MapEntry): Record<string, unknown[]> | null {
  const { value: node } = entry;
  const { problems } = reading;
  const { source } = reading.document;
  const reportOf =
    (about: object): Report =>
    (code, message, { start, end }, fixes = [], severity = 'error') =>
      problems.push({
        severity,
        code,
        message,
        path: 'sweep',
        ...about,
        range: rangeOf(source, start, end),
        fixes,
      });
  const report = reportOf({});
  if (node.kind === 'scalar' && node.value === null) return null;
  if (node.kind !== 'map') {
    report(
      'wrong_type',
      'sweep: a map of dotted keys and lists is wanted, as in optimizer.learning_rate.image: [1e-4, 1e-3].',
      node,
    );
    return null;
  }
  const sweep: Record<string, unknown[]> = {};
  for (const one of node.entries) {
    if (!isKnown(one, report)) continue;
    reading.places.set(`sweep.${one.name}`, one);
    const reportItem = reportOf({ setting: one.name });
    const list = listOf(one, source.text, reportItem);
    if (!list) continue;
    const values = readItems(reading, one.name, list);
    warnOfRepeats(reading, one.name, values, list, reportItem);
    if (values.length) sweep[one.name] = values;
  }
  reportCount(sweep, keyOf(entry), report);
  return Object.keys(sweep).length ? sweep : null;
}

function reportCount(sweep: Record<string, unknown[]>, at: Span, report: Report): void {
  const counts = Object.values(sweep).map((one) => one.length);
  const count = counts.reduce((product, one) => product * one, 1);
  const asked = `The sweep asks for ${count} runs (${counts.join(' × ')})`;
  if (count > mostRuns) report('too_many_runs', `${asked}; at most ${mostRuns} are made.`, at);
  else if (count > 100) report('many_runs', `${asked}.`, at, [], 'info');
}

interface Span {
  start: number;
  end: number;
}

const keyOf = ({ keyStart, keyEnd }: MapEntry): Span => ({ start: keyStart, end: keyEnd });

type Report = (
  code: string,
  message: string,
  at: Span,
  fixes?: Fix[],
  severity?: Problem['severity'],
) => void;

function isKnown(entry: MapEntry, report: Report): boolean {
  const { name } = entry;
  const at = keyOf(entry);
  if (name === 'seeds') return true;
  const setting = settings.get(name);
  if (setting?.sweepable) return true;
  if (setting) {
    report(
      'not_sweepable',
      name === 'seed'
        ? 'Write seeds: [0, 1, 2] to repeat each trial with several seeds.'
        : `${name} cannot be swept: it does not change what is learnt.`,
      at,
      name === 'seed' ? [{ title: 'Change to seeds', edits: [{ ...at, text: 'seeds' }] }] : [],
    );
    return false;
  }
  if (sections.has(name)) {
    const inside = sweepableSettings.filter((one) => one.path.startsWith(`${name}.`)).map((one) => one.path);
    report(
      'no_such_setting',
      `${name} holds several settings; name one with dots, such as ${inside.slice(0, 4).join(', ')}.`,
      at,
    );
    return false;
  }
  const near = nearestPath(name, ['seeds', ...sweepableSettings.map((one) => one.path)]);
  report(
    'no_such_setting',
    `There is no setting ${name}${near ? `; ${near} is near` : ''}.`,
    at,
    near ? [{ title: `Change to ${near}`, edits: [{ ...at, text: near }] }] : [],
  );
  return false;
}

function listOf(entry: MapEntry, text: string, report: Report): ListNode | null {
  const { value, name } = entry;
  if (value.kind === 'list') {
    if (value.items.length) return value;
    report('empty_list', `${name}: an empty list: nothing to try.`, value, suggestions(name, value));
    return null;
  }
  if (value.kind === 'scalar' && value.value === null && value.source === '') {
    report('empty_list', `${name}: nothing to try; write a list of values.`, keyOf(entry));
    return null;
  }
  const list = listMeant(name, value, text.slice(value.start, value.end));
  const message = `${name}: a list of values is wanted${list ? `; write ${list}` : ''}.`;
  const fix = list
    ? [{ title: `Write ${list}`, edits: [{ start: value.start, end: value.end, text: list }] }]
    : [];
  report('wrong_type', message, value, fix.length ? fix : suggestions(name, value));
  return null;
}

/** The list that a single value is meant to be: its range written out, or itself as the only item. */
function listMeant(name: string, value: TreeNode, written: string): string | null {
  if (value.kind !== 'scalar' || value.style === 'block' || written.includes('\n')) return null;
  const setting = settingOf(name);
  const spaced = spacedValues(value.source, setting);
  if (spaced) return `[${spaced.join(', ')}]`;
  return readValue(setting, value).ok ? `[${written}]` : null;
}

function suggestions(name: string, value: TreeNode): Fix[] {
  const setting = settings.get(name);
  const usual =
    name === 'seeds' ? ['0', '1', '2'] : [...new Set(setting?.usual.map((one) => one.value) ?? [])];
  if (!usual.length) return [];
  const text = `[${usual.join(', ')}]`;
  return [{ title: `Write ${text}`, edits: [{ start: value.start, end: value.end, text }] }];
}

function readItems({ document, problems }: Reading, name: string, list: ListNode): unknown[] {
  const setting = settingOf(name);
  return list.items.flatMap((item) => {
    const result = readValue(setting, item);
    if (result.ok) return [result.value];
    const problem = valueProblem(document, setting, item, result.issues);
    const spaced = item.kind === 'scalar' ? spacedValues(item.source, setting)?.join(', ') : undefined;
    const range = spaced && {
      message: `${name}: a range is not read; list its values: ${spaced}.`,
      fixes: [{ title: `Write ${spaced}`, edits: [{ start: item.start, end: item.end, text: spaced }] }],
    };
    problems.push({ ...problem, ...range, path: 'sweep', setting: name });
    return [];
  });
}

const settingOf = (name: string): Setting => (name === 'seeds' ? seeds : settings.get(name)!);

function warnOfRepeats(
  { document }: Reading,
  name: string,
  values: unknown[],
  list: ListNode,
  report: Report,
) {
  if (values.length !== list.items.length) return;
  const seen = new Map<string, number>();
  values.forEach((value, index) => {
    const text = JSON.stringify(value);
    const item = list.items[index]!;
    if (seen.has(text))
      report(
        'repeated_value',
        `${name}: ${text} is there twice; the same run would be made twice.`,
        item,
        [lazyFix('Remove it from the sweep', () => removeItemAt(document, item.start))],
        'warning',
      );
    seen.set(text, index);
  });
}
