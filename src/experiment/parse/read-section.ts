import type { YamlDocument } from '../document/document.ts';
import { lazyFix, type Fix, type Problem } from '../document/problem.ts';
import { rangeOf } from '../document/source.ts';
import { isNothing, type MapEntry, type TreeNode } from '../document/tree.ts';
import { sequence } from '../edit/apply-edits.ts';
import { removeKey, setEdits, setValue } from '../edit/edit.ts';
import { defaultOf, isSection, root, type Section, type Setting } from '../schema/settings.ts';
import { notASection } from './not-a-section.ts';
import type { Reading } from './parsed.ts';
import { readSweep } from './read-sweep.ts';
import { thousandsGroups } from './explain-number.ts';
import { readValue, valueProblem, type Issues } from './read-value.ts';
import { severalValues } from './several-values.ts';
import { unknownKey } from './unknown-key.ts';
import { t } from '../../text/say.ts';

/** The values of a file that fit their keys, section by section; what does not fit becomes a problem of the reading. */
export function readRoot(reading: Reading): Record<string, unknown> {
  const { source, tree } = reading.document;
  if (tree && tree.kind !== 'map' && !(tree.kind === 'scalar' && tree.value === null)) {
    const isList = tree.kind === 'list';
    const start = tree.start;
    reading.problems.push({
      severity: 'error',
      code: 'not_a_map',
      message: t(
        '{0} where the experiment (a map) is wanted; start with data: and, under it, pairs: FILE.',
        isList ? t('A list') : t('A single value'),
      ),
      path: '',
      range: rangeOf(
        source,
        start,
        isList ? start + 1 : Math.min(tree.end, firstLineEnd(source.text, start)),
      ),
      fixes: [],
    });
    return {};
  }
  return readSection(reading, tree, root);
}

const firstLineEnd = (text: string, start: number): number => {
  const end = text.slice(start).search(/[\r\n]/);
  return end < 0 ? text.length : start + end;
};

function readSection(reading: Reading, node: TreeNode | null, section: Section): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  if (node?.kind === 'map')
    for (const entry of node.entries) {
      const child = section.children.get(entry.name);
      const path = section.path ? `${section.path}.${entry.name}` : entry.name;
      if (child) readEntry(reading, entry, child, values);
      else if (section !== root || !entry.name.startsWith('x-'))
        reading.problems.push(unknownKey(reading.document, entry, path, section));
    }
  for (const [name, child] of section.children)
    if (isSection(child) && !(name in values)) values[name] = readSection(reading, null, child);
  // A section that is no map has its own problem.
  const written = reading.places.get('data')?.value;
  const isOther = written && written.kind !== 'map' && !(written.kind === 'scalar' && written.value === null);
  if (section.path === 'data' && !reading.places.has('data.pairs') && !isOther)
    reading.problems.push(missingPairs(reading, node));
  return values;
}

function readEntry(
  reading: Reading,
  entry: MapEntry,
  child: Setting | Section,
  values: Record<string, unknown>,
): void {
  const { value } = entry;
  reading.places.set(child.path, entry);
  if (isSection(child)) {
    if (value.kind === 'scalar' && value.value === null)
      reading.problems.push(emptyHint(reading, entry, child));
    else if (value.kind === 'map') values[entry.name] = readSection(reading, value, child);
    else reading.problems.push(notASection(reading.document, value, child));
    return;
  }
  // An alias of nothing is told already.
  if (value.alias !== null && isNothing({ ...value, alias: null })) return;
  if (isNothing(value)) {
    if (child.path !== 'data.pairs') reading.problems.push(emptyHint(reading, entry, child));
    else reading.places.delete(child.path);
    return;
  }
  if (child.wants === 'sweep') {
    values[entry.name] = readSweep(reading, entry, readSection);
    return;
  }
  const result = readValue(child, value);
  if (result.ok) values[entry.name] = result.value;
  else reading.problems.push(...valueProblems(reading, child, value, result.issues));
}

/** One problem for each item that does not fit. Several values for a setting that takes one are most likely meant to be tried one by one. */
function valueProblems(reading: Reading, setting: Setting, value: TreeNode, issues: Issues): Problem[] {
  const { document } = reading;
  const values = setting.path === 'data.pairs' ? null : valuesToTry(document, setting, value);
  if (values) {
    const problem = valueProblem(document, setting, value, issues);
    const sweep = sweepInstead(document, setting, values);
    // A text that may be one number with its digits in groups is that first.
    if (value.kind === 'scalar' && !/\s/.test(value.source) && thousandsGroups.test(String(value.value)))
      return [{ ...problem, fixes: [...problem.fixes, sweep] }];
    const what =
      value.kind === 'list'
        ? problem.message
        : t('{0}: several values ({1}) where one is wanted.', setting.path, values.join(', '));
    return [
      {
        ...problem,
        message: t('{0} To try each of several values, list them under sweep.', what),
        fixes: [sweep, ...problem.fixes],
      },
    ];
  }
  const items = new Map(issues.map((issue) => [issue.path[0], issue]));
  return [...items.values()].map((issue) => valueProblem(document, setting, value, [issue]));
}

/** The values of a list, or of a text that is meant to be one, where the setting takes one and can be swept. */
function valuesToTry(document: YamlDocument, setting: Setting, value: TreeNode): string[] | null {
  const isOne = setting.wants !== 'wholes' && setting.wants !== 'range';
  if (!isOne || !(setting.sweepable || setting.path === 'seed')) return null;
  if (value.kind === 'scalar')
    return typeof value.value === 'string' ? severalValues(value.value, setting) : null;
  if (value.kind !== 'list' || !value.items.length) return null;
  if (!value.items.every((item) => item.kind === 'scalar' && readValue(setting, item).ok)) return null;
  return value.items.map((item) => document.source.text.slice(item.start, item.end));
}

function sweepInstead({ source }: YamlDocument, { path }: Setting, values: string[]): Fix {
  const key = `sweep.${path === 'seed' ? 'seeds' : path}`;
  return lazyFix(t('Move to {0}', key), () =>
    sequence(source.text, [
      (now) => removeKey(now, path),
      (now) => setValue(now, key, `[${values.join(', ')}]`),
    ]),
  );
}

function emptyHint(reading: Reading, entry: MapEntry, child: Setting | Section): Problem {
  const what = isSection(child)
    ? t('its defaults are used')
    : child.defaultText
      ? t('the default is used: {0}', defaultOf(child))
      : t('the default is used');
  return {
    severity: 'info',
    code: 'nothing_after_key',
    message: t('Nothing stands after {0}; {1}.', entry.name, what),
    path: child.path,
    range: rangeOf(reading.document.source, entry.keyStart, entry.keyEnd),
    fixes: [],
  };
}

function missingPairs(reading: Reading, node: TreeNode | null): Problem {
  const { source } = reading.document;
  const entry = reading.places.get('data');
  const range = entry
    ? rangeOf(source, entry.keyStart, entry.keyEnd)
    : rangeOf(source, source.bom, source.bom);
  const edits = setEdits(reading.document, 'data.pairs', 'pairs.csv');
  return {
    severity: 'error',
    code: 'missing_key',
    message: t(
      'data.pairs is missing: the file or folder with the images and captions. Write {0}.',
      node ? t('pairs: pairs.csv') : t('data: { pairs: pairs.csv }'),
    ),
    path: 'data',
    range,
    fixes: edits.length ? [{ title: t('Add pairs: pairs.csv'), edits }] : [],
  };
}
