import { distributions, type Distribution } from '../draw.ts';
import type { ListNode, MapEntry } from '../document/tree.ts';
import { settings, type Setting } from '../schema/settings.ts';
import { numberText, rounded } from '../../text/numbers.ts';
import { listed } from '../../text/words.ts';
import { wanted } from './explain-words.ts';
import { nearestName } from './nearest.ts';
import type { Reading } from './parsed.ts';
import { readList } from './read-sweep-list.ts';
import { readValue, valueProblem } from './read-value.ts';
import { keyOf, type Report } from './sweep-report.ts';

type Kind = Distribution['kind'];
const kinds = Object.keys(distributions) as Kind[];

/** `{ log_uniform: [1e-5, 1e-2] }` under a key of the sweep; null when it is no distribution that the setting can be drawn from. */
export function readDistribution(reading: Reading, entry: MapEntry, report: Report): Distribution | null {
  const { name, value } = entry;
  const written = value.kind === 'map' ? value.entries : [];
  const [only] = written;
  if (!only || written.length > 1) {
    report(
      'wrong_type',
      `${name}: one distribution is wanted, as in { log_uniform: [1e-5, 1e-2] }; there are ${listed(kinds)}.`,
      value,
    );
    return null;
  }
  const kind = kinds.find((one) => one === only.name);
  if (!kind) {
    const near = nearestName(only.name, kinds);
    report(
      'unknown_distribution',
      `${name}: there is no distribution ${only.name}; ${near ? `${near} is near` : `there are ${listed(kinds)}`}.`,
      keyOf(only),
      near ? [{ title: `Change to ${near}`, edits: [{ ...keyOf(only), text: near }] }] : [],
    );
    return null;
  }
  reading.places.set(`sweep.${name}.${kind}`, only);
  if (kind === 'choice') return readList(reading, { ...only, name }, report);
  return readBounds(reading, settings.get(name)!, kind, only, report);
}

function readBounds(
  reading: Reading,
  setting: Setting,
  kind: Exclude<Kind, 'choice'>,
  { value }: MapEntry,
  report: Report,
): Distribution | null {
  const { path: name } = setting;
  const isWhole = setting.wants === 'whole' || kind === 'integer';
  if (setting.wants !== 'number' && setting.wants !== 'whole' && !(setting.wants === 'duration' && isWhole)) {
    report('wrong_type', `${name} takes ${wanted(setting)}: draw it with choice: [...].`, value);
    return null;
  }
  const bounds =
    value.kind === 'list' && value.items.length === 2 ? boundsOf(reading, setting, value, report) : null;
  if (!bounds) {
    if (value.kind !== 'list' || value.items.length !== 2)
      report('wrong_type', `${name}: ${kind} wants two numbers, the smallest and the largest.`, value);
    return null;
  }
  const [low, high] = bounds;
  const { text } = reading.document.source;
  const [first, second] = (value as ListNode).items.map(({ start, end }) => text.slice(start, end));
  if (low > high) {
    const turned = `[${second}, ${first}]`;
    report(
      'range_upside_down',
      `${name}: the smallest (${first}) is above the largest (${second}); write ${turned}.`,
      value,
      [{ title: `Write ${turned}`, edits: [{ start: value.start, end: value.end, text: turned }] }],
    );
    return null;
  }
  if (kind === 'log_uniform' && low <= 0) {
    report(
      'log_of_zero',
      `${name}: log_uniform has no value at ${first}, whose logarithm is not finite; the smallest must be above 0${high > 0 ? `, such as ${numberText(rounded(high / 1000, 1))}` : ''}.`,
      (value as ListNode).items[0]!,
    );
    return null;
  }
  if (isWhole && !(Number.isInteger(low) && Number.isInteger(high))) {
    report('not_whole', `${name}: ${kind} draws whole numbers here, so both bounds must be whole.`, value);
    return null;
  }
  return { kind, low, high, isWhole };
}

/** Both bounds as values of the setting; null when one of them does not fit, which is said. */
function boundsOf(
  { document, problems }: Reading,
  setting: Setting,
  list: ListNode,
  report: Report,
): [number, number] | null {
  const numbers = list.items.flatMap((item) => {
    const result = readValue(setting, item);
    if (!result.ok)
      problems.push({
        ...valueProblem(document, setting, item, result.issues),
        path: 'sweep',
        setting: setting.path,
      });
    else if (typeof result.value === 'number') return [result.value];
    else report('wrong_type', `${setting.path}: a bound must be a number.`, item);
    return [];
  });
  return numbers.length === 2 ? [numbers[0]!, numbers[1]!] : null;
}
