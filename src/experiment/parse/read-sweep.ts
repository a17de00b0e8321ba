import type { Parsed } from './parse.ts';
import { removeItemAt } from '../edit/remove.ts';
import { nearestPath } from './nearest.ts';
import { lazyFix, type Fix, type Problem } from '../document/problem.ts';
import { readValue, valueProblem } from './read-value.ts';
import { sweepSeeds } from '../schema/schema.ts';
import { sections, settings, sweepableSettings } from '../schema/settings.ts';
import { rangeOf } from '../document/source.ts';
import type { ListNode, MapEntry, TreeNode } from '../document/tree.ts';

/** Most runs that one file may ask for. */
export const mostRuns = 10_000;

/** Reads the sweep into `parsed.lenient.sweep`, valid values only, and says what is wrong with it, at the key or the very item. */
export function checkSweep(parsed: Parsed): Problem[] {
  const entry = parsed.places.get('sweep');
  const node = entry?.value;
  if (!entry || !node || (node.kind === 'scalar' && node.value === null)) return [];
  const { source } = parsed.document;
  const problems: Problem[] = [];
  const report = (
    code: string,
    message: string,
    start: number,
    end: number,
    fixes: Fix[] = [],
    severity: Problem['severity'] = 'error',
  ) => problems.push({ severity, code, message, path: 'sweep', range: rangeOf(source, start, end), fixes });
  if (node.kind !== 'map') {
    report(
      'wrong_type',
      'sweep: a map of dotted keys and lists is wanted, as in optimizer.learning_rate.image: [1e-4, 1e-3].',
      node.start,
      node.end,
    );
    return problems;
  }
  const sweep: Record<string, unknown[]> = {};
  for (const one of node.entries) {
    if (!isKnown(one, report)) continue;
    parsed.places.set(`sweep.${one.name}`, one);
    const list = listOf(one, source.text, report);
    if (!list) continue;
    const values = readItems(parsed, one.name, list, problems);
    warnOfRepeats(parsed, one.name, values, list, report);
    if (values.length) sweep[one.name] = values;
  }
  const count = Object.values(sweep).reduce((product, values) => product * values.length, 1);
  if (count > mostRuns)
    report(
      'too_many_runs',
      `The sweep asks for ${count} runs (${Object.values(sweep)
        .map((one) => one.length)
        .join(' × ')}); at most ${mostRuns} are made.`,
      entry.keyStart,
      entry.keyEnd,
    );
  else if (count > 100)
    report(
      'many_runs',
      `The sweep asks for ${count} runs (${Object.values(sweep)
        .map((one) => one.length)
        .join(' × ')}).`,
      entry.keyStart,
      entry.keyEnd,
      [],
      'info',
    );
  parsed.lenient.sweep = Object.keys(sweep).length ? sweep : null;
  return problems;
}

type Report = (
  code: string,
  message: string,
  start: number,
  end: number,
  fixes?: Fix[],
  severity?: Problem['severity'],
) => void;

function isKnown(entry: MapEntry, report: Report): boolean {
  const { name, keyStart, keyEnd } = entry;
  if (name === 'seeds') return true;
  const setting = settings.get(name);
  if (setting?.sweepable) return true;
  if (setting) {
    report(
      'not_sweepable',
      name === 'seed'
        ? 'Write seeds: [0, 1, 2] to repeat each trial with several seeds.'
        : `${name} cannot be swept: it does not change what is learnt.`,
      keyStart,
      keyEnd,
      name === 'seed'
        ? [{ title: 'Change to seeds', edits: [{ start: keyStart, end: keyEnd, text: 'seeds' }] }]
        : [],
    );
    return false;
  }
  if (sections.has(name)) {
    const inside = sweepableSettings.filter((one) => one.path.startsWith(`${name}.`)).map((one) => one.path);
    report(
      'no_such_setting',
      `${name} holds several settings; name one with dots, such as ${inside.slice(0, 4).join(', ')}.`,
      keyStart,
      keyEnd,
    );
    return false;
  }
  const near = nearestPath(name, ['seeds', ...sweepableSettings.map((one) => one.path)]);
  report(
    'no_such_setting',
    `There is no setting ${name}${near ? `; ${near} is near` : ''}.`,
    keyStart,
    keyEnd,
    near ? [{ title: `Change to ${near}`, edits: [{ start: keyStart, end: keyEnd, text: near }] }] : [],
  );
  return false;
}

function listOf(entry: MapEntry, text: string, report: Report): ListNode | null {
  const { value, name } = entry;
  if (value.kind === 'list') {
    if (value.items.length) return value;
    report(
      'empty_list',
      `${name}: an empty list: nothing to try.`,
      value.start,
      value.end,
      suggestions(name, value),
    );
    return null;
  }
  if (value.kind === 'scalar' && value.value === null && value.source === '') {
    report('empty_list', `${name}: nothing to try; write a list of values.`, entry.keyStart, entry.keyEnd);
    return null;
  }
  const written = text.slice(value.start, value.end);
  const isOne = value.kind === 'scalar' && value.style !== 'block' && !written.includes('\n');
  report(
    'wrong_type',
    `${name}: a list of values is wanted${isOne ? `; write [${written}]` : ''}.`,
    value.start,
    value.end,
    isOne
      ? [
          {
            title: `Write [${written}]`,
            edits: [{ start: value.start, end: value.end, text: `[${written}]` }],
          },
        ]
      : [],
  );
  return null;
}

function suggestions(name: string, value: TreeNode): Fix[] {
  const setting = settings.get(name);
  const usual =
    name === 'seeds' ? ['0', '1', '2'] : [...new Set(setting?.usual.map((one) => one.value) ?? [])];
  if (!usual.length) return [];
  const text = `[${usual.join(', ')}]`;
  return [{ title: `Write ${text}`, edits: [{ start: value.start, end: value.end, text }] }];
}

function readItems(parsed: Parsed, name: string, list: ListNode, problems: Problem[]): unknown[] {
  const values: unknown[] = [];
  if (name === 'seeds') {
    const seed = { ...settings.get('seed')!, path: 'seeds', wants: 'whole' as const };
    for (const item of list.items) {
      const result = sweepSeeds.element.safeParse(item.kind === 'scalar' ? item.value : NaN);
      if (result.success) values.push(result.data);
      else
        problems.push({
          ...valueProblem(parsed.document, seed, item, result.error.issues),
          path: 'sweep',
          setting: 'seeds',
        });
    }
    return values;
  }
  const setting = settings.get(name)!;
  for (const item of list.items) {
    const result = readValue(setting, item);
    if (result.ok) values.push(result.value);
    else
      problems.push({
        ...valueProblem(parsed.document, setting, item, result.issues),
        path: 'sweep',
        setting: name,
      });
  }
  return values;
}

function warnOfRepeats(parsed: Parsed, name: string, values: unknown[], list: ListNode, report: Report) {
  if (values.length !== list.items.length) return;
  const seen = new Map<string, number>();
  values.forEach((value, index) => {
    const text = JSON.stringify(value);
    const item = list.items[index]!;
    if (seen.has(text))
      report(
        'repeated_value',
        `${name}: ${text} is there twice; the same run would be made twice.`,
        item.start,
        item.end,
        [lazyFix('Remove it from the sweep', () => removeItemAt(parsed.document, item.start))],
        'warning',
      );
    seen.set(text, index);
  });
}
