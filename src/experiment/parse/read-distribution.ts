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
import { t } from '../../text/say.ts';

type Kind = Distribution['kind'];
const kinds = Object.keys(distributions()) as Kind[];

/** `{ log_uniform: [1e-5, 1e-2] }` under a key of the sweep; null when it is no distribution that the setting can be drawn from. */
export function readDistribution(reading: Reading, entry: MapEntry, report: Report): Distribution | null {
  const { name, value } = entry;
  const written = value.kind === 'map' ? value.entries : [];
  const [only] = written;
  if (!only || written.length > 1) {
    report(
      'wrong_type',
      t(
        '{0}: one distribution is wanted, as in { log_uniform: [1e-5, 1e-2] }; there are {1}.',
        name,
        listed(kinds),
      ),
      value,
    );
    return null;
  }
  const kind = kinds.find((one) => one === only.name);
  if (!kind) {
    const near = nearestName(only.name, kinds);
    report(
      'unknown_distribution',
      t(
        '{0}: there is no distribution {1}; {2}.',
        name,
        only.name,
        near ? t('{0} is near', near) : t('there are {0}', listed(kinds)),
      ),
      keyOf(only),
      near ? [{ title: t('Change to {0}', near), edits: [{ ...keyOf(only), text: near }] }] : [],
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
    report('wrong_type', t('{0} takes {1}: draw it with choice: [...].', name, wanted(setting)), value);
    return null;
  }
  const bounds =
    value.kind === 'list' && value.items.length === 2 ? boundsOf(reading, setting, value, report) : null;
  if (!bounds) {
    if (value.kind !== 'list' || value.items.length !== 2)
      report('wrong_type', t('{0}: {1} wants two numbers, the smallest and the largest.', name, kind), value);
    return null;
  }
  const [low, high] = bounds;
  const { text } = reading.document.source;
  const [first, second] = (value as ListNode).items.map(({ start, end }) => text.slice(start, end)) as [
    string,
    string,
  ];
  if (low > high) {
    const turned = `[${second}, ${first}]`;
    report(
      'range_upside_down',
      t('{0}: the smallest ({1}) is above the largest ({2}); write {3}.', name, first, second, turned),
      value,
      [{ title: t('Write {0}', turned), edits: [{ start: value.start, end: value.end, text: turned }] }],
    );
    return null;
  }
  if (kind === 'log_uniform' && low <= 0) {
    report(
      'log_of_zero',
      t(
        '{0}: log_uniform has no value at {1}, whose logarithm is not finite; the smallest must be above 0{2}.',
        name,
        first,
        high > 0 ? t(', such as {0}', numberText(rounded(high / 1000, 1))) : '',
      ),
      (value as ListNode).items[0]!,
    );
    return null;
  }
  if (isWhole && !(Number.isInteger(low) && Number.isInteger(high))) {
    report(
      'not_whole',
      t('{0}: {1} draws whole numbers here, so both bounds must be whole.', name, kind),
      value,
    );
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
    else report('wrong_type', t('{0}: a bound must be a number.', setting.path), item);
    return [];
  });
  return numbers.length === 2 ? [numbers[0]!, numbers[1]!] : null;
}
