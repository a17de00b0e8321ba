import { drawSettings, type Distribution } from '../draw.ts';
import type { MapEntry, MapNode, TreeNode } from '../document/tree.ts';
import { setEdits } from '../edit/edit.ts';
import { mostRuns, sweepOptionsSchema, type Sweep, type SweepOption } from '../schema/sweep-section.ts';
import { isSection, sweepOptions, type Section } from '../schema/settings.ts';
import { settingCount } from '../sweep.ts';
import { notASection } from './not-a-section.ts';
import type { Reading } from './parsed.ts';
import { readDistribution } from './read-distribution.ts';
import { readList, seedsName } from './read-sweep-list.ts';
import { keyOf, sweepReport, type Report, type Span } from './sweep-report.ts';
import { isSweepKey } from './sweep-key.ts';
import { t } from '../../text/say.ts';

type ReadSection = (reading: Reading, node: TreeNode | null, section: Section) => Record<string, unknown>;

/** The sweep with its valid values only; null without any. What is wrong is said at the key or the very item. */
export function readSweep(reading: Reading, entry: MapEntry, readSection: ReadSection): Sweep | null {
  const { value: node } = entry;
  const report = sweepReport(reading);
  if (node.kind === 'scalar' && node.value === null) return null;
  if (node.kind !== 'map') {
    report(
      'wrong_type',
      t(
        'sweep: a map of dotted keys and lists is wanted, as in optimizer.learning_rate.image: [1e-4, 1e-3].',
      ),
      node,
    );
    return null;
  }
  const options = readOptions(reading, node, report, readSection);
  const isRandom = node.entries.some(({ name }) => name === 'random');
  const from: Record<string, Distribution> = {};
  let seeds: number[] | null = null;
  for (const one of node.entries) {
    if (sweepOptions.children.has(one.name) || !isSweepKey(one, report)) continue;
    reading.places.set(`sweep.${one.name}`, one);
    const ofItem = sweepReport(reading, { setting: one.name });
    const isDrawn = one.value.kind === 'map' && one.name !== seedsName;
    const read = isDrawn ? readDistribution(reading, one, ofItem) : readList(reading, one, ofItem);
    if (isDrawn && !isRandom) reportNoCount(reading, one, ofItem);
    if (!read) continue;
    if (one.name === seedsName) seeds = read.kind === 'choice' ? read.values.map(Number) : null;
    else from[one.name] = read;
  }
  if (!Object.keys(from).length && !seeds) {
    if (isRandom || options.stop_early || options.budget)
      report(
        'empty_sweep',
        t(
          'The sweep has no list of values, so there is one run: list the values of a setting here, by its dotted key.',
        ),
        keyOf(entry),
        [],
        'warning',
      );
    return null;
  }
  const { random } = options;
  const sweep: Sweep = { ...options, seeds, values: random ? drawSettings(from, random) : listsOf(from) };
  reportCount(sweep, keyOf(entry), report);
  return sweep;
}

/** The lists of a grid. */
function listsOf(from: Record<string, Distribution>): Record<string, unknown[]> {
  return Object.fromEntries(
    Object.entries(from).flatMap(([path, one]) => (one.kind === 'choice' ? [[path, one.values]] : [])),
  );
}

type Options = Pick<Sweep, SweepOption>;

/** The sections of the sweep that are no lists; null where one is not written, or not whole. */
function readOptions(reading: Reading, node: MapNode, report: Report, readSection: ReadSection): Options {
  const read = <Name extends SweepOption>(name: Name): Options[Name] => {
    const entry = node.entries.find((one) => one.name === name);
    const section = sweepOptions.children.get(name);
    if (!entry || !section || !isSection(section)) return null;
    reading.places.set(section.path, entry);
    const { value } = entry;
    if (value.kind !== 'map' && !(value.kind === 'scalar' && value.value === null)) {
      reading.problems.push(notASection(reading.document, value, section));
      return null;
    }
    const values = readSection(reading, value, section);
    if (name === 'random' && !reading.places.has('sweep.random.count'))
      report(
        'count_missing',
        t('sweep.random: how many settings are drawn is missing; write count: 20.'),
        keyOf(entry),
        [{ title: t('Add count: 20'), edits: setEdits(reading.document, 'sweep.random.count', '20') }],
      );
    const whole = sweepOptionsSchema.shape[name].safeParse(values);
    return whole.success ? (whole.data as Options[Name]) : null;
  };
  return { random: read('random'), stop_early: read('stop_early'), budget: read('budget') };
}

function reportNoCount(reading: Reading, entry: MapEntry, report: Report): void {
  const text = '{ count: 20 }';
  report(
    'count_missing',
    t('{0}: values are drawn only where it is said how many; write random: {1} beside it.', entry.name, text),
    keyOf(entry),
    [{ title: t('Add random: {0}', text), edits: setEdits(reading.document, 'sweep.random', text) }],
  );
}

function reportCount(sweep: Sweep, at: Span, report: Report): void {
  const settings = settingCount(sweep);
  const lengths = Object.values(sweep.values).map((one) => one.length);
  const counts = [...(sweep.seeds ? [sweep.seeds.length] : []), ...(sweep.random ? [settings] : lengths)];
  const count = counts.reduce((product, one) => product * one, 1);
  const product = counts.join(' × ');
  if (count > mostRuns)
    report(
      'too_many_runs',
      t('The sweep asks for {0} runs ({1}); at most {2} are made.', count, product, mostRuns),
      at,
    );
  else if (count > 100)
    report('many_runs', t('The sweep asks for {0} runs ({1}).', count, product), at, [], 'info');
  if (sweep.random && lengths.length && settings < sweep.random.count)
    report(
      'fewer_settings',
      t('There are only {0} different settings, so {0} and not {1} are tried.', settings, sweep.random.count),
      at,
      [],
      'info',
    );
}
