import type { Distribution } from '../draw.ts';
import { lazyFix, type Fix } from '../document/problem.ts';
import type { ListNode, MapEntry, TreeNode } from '../document/tree.ts';
import { removeItemAt } from '../edit/remove.ts';
import { settings, type Setting } from '../schema/settings.ts';
import type { Reading } from './parsed.ts';
import { readValue, valueProblem } from './read-value.ts';
import { spacedValues } from './spaced-values.ts';
import { keyOf, type Report } from './sweep-report.ts';
import { t } from '../../text/say.ts';

/** The key of a sweep under which its seeds stand. */
export const seedsName = 'seeds';

/** The setting of one item of `seeds`. */
const seeds: Setting = { ...settings.get('seed')!, path: seedsName, wants: 'whole' };

/** The values of a list under a key of the sweep; null when there is none that can be tried. */
export function readList(
  reading: Reading,
  entry: MapEntry,
  report: Report,
): Extract<Distribution, { kind: 'choice' }> | null {
  const list = listOf(entry, reading.document.source.text, report);
  if (!list) return null;
  const values = readItems(reading, entry.name, list);
  warnOfRepeats(reading, entry.name, values, list, report);
  return values.length ? { kind: 'choice', values } : null;
}

function listOf(entry: MapEntry, text: string, report: Report): ListNode | null {
  const { value, name } = entry;
  if (value.kind === 'list') {
    if (value.items.length) return value;
    report('empty_list', t('{0}: an empty list: nothing to try.', name), value, suggestions(name, value));
    return null;
  }
  if (value.kind === 'scalar' && value.value === null && value.source === '') {
    report('empty_list', t('{0}: nothing to try; write a list of values.', name), keyOf(entry));
    return null;
  }
  const list = listMeant(name, value, text.slice(value.start, value.end));
  const message = t('{0}: a list of values is wanted{1}.', name, list ? t('; write {0}', list) : '');
  const fix = list
    ? [{ title: t('Write {0}', list), edits: [{ start: value.start, end: value.end, text: list }] }]
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
    name === seedsName ? ['0', '1', '2'] : [...new Set(setting?.usual.map((one) => one.value) ?? [])];
  if (!usual.length) return [];
  const text = `[${usual.join(', ')}]`;
  return [{ title: t('Write {0}', text), edits: [{ start: value.start, end: value.end, text }] }];
}

function readItems({ document, problems }: Reading, name: string, list: ListNode): unknown[] {
  const setting = settingOf(name);
  return list.items.flatMap((item) => {
    const result = readValue(setting, item);
    if (result.ok) return [result.value];
    const problem = valueProblem(document, setting, item, result.issues);
    const spaced = item.kind === 'scalar' ? spacedValues(item.source, setting)?.join(', ') : undefined;
    const range = spaced && {
      message: t('{0}: a range is not read; list its values: {1}.', name, spaced),
      fixes: [{ title: t('Write {0}', spaced), edits: [{ start: item.start, end: item.end, text: spaced }] }],
    };
    problems.push({ ...problem, ...range, path: 'sweep', setting: name });
    return [];
  });
}

const settingOf = (name: string): Setting => (name === seedsName ? seeds : settings.get(name)!);

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
        t('{0}: {1} is there twice; the same run would be made twice.', name, text),
        item,
        [lazyFix(t('Remove it from the sweep'), () => removeItemAt(document, item.start))],
        'warning',
      );
    seen.set(text, index);
  });
}
