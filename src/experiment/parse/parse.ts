import { removeKey, setEdits, setValue } from '../edit/edit.ts';
import { sequence } from '../edit/apply-edits.ts';
import { readYaml, type YamlDocument } from '../document/document.ts';
import { notASection } from './not-a-section.ts';
import { lazyFix, type Fix, type Problem } from '../document/problem.ts';
import { readValue, valueProblem, type Issues } from './read-value.ts';
import { checkRules } from './rules.ts';
import { experimentSchema, type Experiment } from '../schema/schema.ts';
import { isSection, root, type Section, type Setting } from '../schema/settings.ts';
import { rangeOf } from '../document/source.ts';
import { checkSweep } from './read-sweep.ts';
import { syntaxProblems } from '../syntax/syntax-problems.ts';
import type { MapEntry, TreeNode } from '../document/tree.ts';
import { unknownKey } from './unknown-key.ts';

/** An experiment file as read. */
export interface Parsed {
  /** null when there is any error. */
  experiment: Experiment | null;
  /** What could be read, faulty values replaced by their defaults (and a missing `data.pairs` by ""): for checks and forms while the file is being typed. */
  lenient: Experiment;
  /** In order of place. */
  problems: Problem[];
  /** Dotted keys that the file has, sections included. */
  explicit: Set<string>;
  /** Where each of them stands, by dotted key; sweep lists as `sweep.<dotted key>`. */
  places: Map<string, MapEntry>;
  document: YamlDocument;
}

/** Reads an experiment file: never throws, every problem has its place in the text. */
export function parseExperiment(text: string): Parsed {
  const document = readYaml(text);
  const problems: Problem[] = [...syntaxProblems(document)];
  const reading: Reading = { document, problems, places: new Map() };
  const tooMany = problems.some((problem) => problem.code === 'too_many_aliases');
  const values = tooMany ? {} : readRoot(reading, document.tree);
  const parsed: Parsed = {
    experiment: null,
    lenient: lenientExperiment(values),
    problems,
    explicit: new Set([...reading.places.keys()].filter((path) => !path.startsWith('sweep.'))),
    places: reading.places,
    document,
  };
  if (!tooMany) {
    problems.push(...checkSweep(parsed), ...checkRules(parsed));
    afterSyntax(parsed);
  }
  problems.sort((a, b) => a.range.start - b.range.start || a.range.end - b.range.end);
  if (!problems.some((problem) => problem.severity === 'error')) parsed.experiment = parsed.lenient;
  return parsed;
}

interface Reading {
  document: YamlDocument;
  problems: Problem[];
  places: Map<string, MapEntry>;
}

/** After a syntax error the rest of the tree is a guess: only what stands before it is reported. */
function afterSyntax(parsed: Parsed): void {
  const first = Math.min(
    ...parsed.problems.filter((one) => one.code.startsWith('yaml_')).map((one) => one.range.start),
  );
  if (!Number.isFinite(first)) return;
  const kept = parsed.problems.filter(
    (one) =>
      one.code.startsWith('yaml_') ||
      (one.severity === 'error' &&
        one.code !== 'missing_key' &&
        one.range.end <= first &&
        one.range.start < first),
  );
  parsed.problems.splice(0, parsed.problems.length, ...kept);
}

function readRoot(reading: Reading, tree: TreeNode | null): Record<string, unknown> {
  const { source } = reading.document;
  if (tree && tree.kind !== 'map' && !(tree.kind === 'scalar' && tree.value === null)) {
    const isList = tree.kind === 'list';
    const start = tree.start;
    reading.problems.push({
      severity: 'error',
      code: 'not_a_map',
      message: `${isList ? 'A list' : 'A single value'} where the experiment (a map) is wanted; start with data: and, under it, pairs: FILE.`,
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
  const isEmpty =
    value.kind === 'scalar' && value.value === null && value.source === '' && value.style === 'plain';
  if (isSection(child)) {
    if (isEmpty || (value.kind === 'scalar' && value.value === null))
      reading.problems.push(emptyHint(reading, entry, child));
    else if (value.kind === 'map') values[entry.name] = readSection(reading, value, child);
    else reading.problems.push(notASection(reading.document, value, child));
    return;
  }
  if (isEmpty) {
    // An alias of nothing is told already.
    if (reading.document.source.text[value.start] === '*') return;
    if (child.path !== 'data.pairs') reading.problems.push(emptyHint(reading, entry, child));
    else reading.places.delete(child.path);
    return;
  }
  if (child.wants === 'sweep') {
    values[entry.name] = value;
    return;
  }
  const result = readValue(child, value);
  if (result.ok) values[entry.name] = result.value;
  else reading.problems.push(...valueProblems(reading, child, value, result.issues));
}

/** One problem for each item that does not fit. Several values for a setting that takes one are most likely meant to be tried one by one. */
function valueProblems(reading: Reading, setting: Setting, value: TreeNode, issues: Issues): Problem[] {
  const { document } = reading;
  if (value.kind === 'list' && setting.path !== 'data.pairs') {
    const problem = valueProblem(document, setting, value, issues);
    const sweep = sweepInstead(document, setting, value);
    if (sweep)
      return [
        {
          ...problem,
          message: `${problem.message} To try each of several values, list them under sweep.`,
          fixes: [sweep, ...problem.fixes],
        },
      ];
  }
  const items = new Map(issues.map((issue) => [issue.path[0], issue]));
  return [...items.values()].map((issue) => valueProblem(document, setting, value, [issue]));
}

function sweepInstead(document: YamlDocument, setting: Setting, list: TreeNode): Fix | null {
  const { path } = setting;
  const { text } = document.source;
  const isOne = setting.wants !== 'wholes' && setting.wants !== 'range';
  if (list.kind !== 'list' || !list.items.length || !isOne || !(setting.sweepable || path === 'seed'))
    return null;
  if (!list.items.every((item) => item.kind === 'scalar' && readValue(setting, item).ok)) return null;
  const values = list.items.map((item) => text.slice(item.start, item.end));
  const key = `sweep.${path === 'seed' ? 'seeds' : path}`;
  return lazyFix(`Move to ${key}`, () =>
    sequence(text, [(now) => removeKey(now, path), (now) => setValue(now, key, `[${values.join(', ')}]`)]),
  );
}

function emptyHint(reading: Reading, entry: MapEntry, child: Setting | Section): Problem {
  const what = isSection(child)
    ? 'its defaults are used'
    : `the default is used${child.defaultText ? `: ${child.defaultText}` : ''}`;
  return {
    severity: 'info',
    code: 'nothing_after_key',
    message: `Nothing stands after ${entry.name}; ${what}.`,
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
    message: `data.pairs is missing: the file or folder with the pictures and captions. Write ${node ? 'pairs: pairs.csv' : 'data: { pairs: pairs.csv }'}.`,
    path: 'data',
    range,
    fixes: edits.length ? [{ title: 'Add pairs: pairs.csv', edits }] : [],
  };
}

/** All values that were valid, defaults for the rest. */
function lenientExperiment(values: Record<string, unknown>): Experiment {
  const data = (values.data ?? {}) as Record<string, unknown>;
  // The sweep is still a tree here; `checkSweep` reads it.
  const full = { ...values, sweep: null, data: { ...data, pairs: data.pairs ?? '?' } };
  const experiment = experimentSchema.parse(full);
  if (data.pairs === undefined) experiment.data.pairs = '';
  const { best } = (values.checkpoint ?? {}) as Record<string, unknown>;
  const { recall_at } = experiment.eval;
  // The best checkpoint is told by a K that is measured.
  if (best === undefined && !recall_at.includes(1)) experiment.checkpoint.best = `val/recall@${recall_at[0]}`;
  return experiment;
}
