import type { CursorPlace } from '../document/cursor.ts';
import { describeSetting } from './describe.ts';
import type { Item, Known } from './completion.ts';
import { valueOf } from '../edit/value-text.ts';
import { settings, type Setting } from '../schema/settings.ts';
import { entryOf, plainValue, type TreeNode } from '../document/tree.ts';
import { yamlText } from '../edit/yaml-text.ts';
import { t } from '../../text/say.ts';

/** Values that fit at the cursor. */
export function valuesAt(place: CursorPlace, tree: TreeNode | null, known: Known): Item[] {
  const setting = settingAt(place);
  if (!setting && place.key === 'seeds' && !place.inList && isSweep(place))
    return [valueItem('[0, 1, 2]', t('three seeds'), '')];
  if (!setting || setting.wants === 'sweep') return [];
  if (place.depth > 1 || (!place.inList && isBelow(place, tree))) return [];
  const listed = place.inList ? itemsAt(place, tree) : [];
  const isThere = (item: Item) => listed.includes(JSON.stringify(valueOf(item.insertText)));
  if (isSweep(place)) {
    if (place.inList) {
      const offered = valuesOf(setting, tree, known);
      const more = itemsOf(setting, [sweepList(setting) ?? '']);
      const isNew = (item: Item) => !offered.some((one) => one.label === item.label);
      return [...offered, ...more.filter(isNew)].filter((item) => !isThere(item));
    }
    const list = sweepList(setting);
    return list ? [valueItem(list, t('values worth comparing'), describeSetting(setting))] : [];
  }
  if (!place.inList) return valuesOf(setting, tree, known);
  const lists = [setting.defaultText, ...setting.usual.map((one) => one.value)];
  return setting.wants === 'wholes' ? itemsOf(setting, lists).filter((item) => !isThere(item)) : [];
}

/** The setting whose value, or sweep value, is being written. */
export function settingAt(place: CursorPlace): Setting | undefined {
  if (place.kind !== 'value' || place.key === null) return undefined;
  const setting = settings.get(isSweep(place) ? place.key : [...place.sections, place.key].join('.'));
  return isSweep(place) && !setting?.sweepable ? undefined : setting;
}

const isSweep = ({ sections }: CursorPlace): boolean => sections.length === 1 && sections[0] === 'sweep';

/** Values worth comparing: choices, three rates around the usual one, usual values. */
export function sweepList(setting: Setting): string | null {
  if (setting.choices)
    return setting.choices.length > 1 ? `[${[...setting.choices, ...setting.forms].join(', ')}]` : null;
  if (setting.wants === 'boolean') return '[true, false]';
  const branch = /^optimizer\.learning_rate\.(\w+)$/.exec(setting.path)?.[1];
  if (branch) return branch === 'text' ? '[1e-4, 5e-4, 1e-3]' : '[1e-4, 3e-4, 1e-3]';
  const usual = [...new Set(setting.usual.map((one) => one.value))];
  return usual.length > 1 ? `[${usual.join(', ')}]` : null;
}

/** The value stands on the lines below the cursor. */
function isBelow(place: CursorPlace, tree: TreeNode | null): boolean {
  const node = nodeAt(place, tree);
  return node !== undefined && node.start > place.end && node.end > node.start;
}

function nodeAt(place: CursorPlace, tree: TreeNode | null): TreeNode | undefined {
  let node: TreeNode | undefined = tree ?? undefined;
  for (const part of [...place.sections, place.key!]) node = entryOf(node, part)?.value;
  return node;
}

/** Items that the list at the cursor has already, but for the one being written. */
function itemsAt(place: CursorPlace, tree: TreeNode | null): string[] {
  const node = nodeAt(place, tree);
  if (node?.kind !== 'list') return [];
  const others = node.items.filter((item) => item.end < place.start || item.start > place.end);
  return others.map((item) => JSON.stringify(plainValue(item)));
}

/** Default, choices and usual values of a setting, each once. */
function valuesOf(setting: Setting, tree: TreeNode | null, known: Known): Item[] {
  const items = new Map<string, string>();
  const same = (text: string) =>
    [...items.keys()].find((one) => JSON.stringify(valueOf(one)) === JSON.stringify(valueOf(text)));
  const add = (text: string, detail: string) => {
    const before = same(text);
    if (before === undefined) items.set(text, detail);
    else if (items.get(before) === t('default') && detail) items.set(before, t('default; {0}', detail));
  };
  if (setting.control === 'path') for (const name of known.files ?? []) add(yamlText(name), '');
  if (/^data\.(image_column|caption_column|split_by)$/.test(setting.path))
    for (const name of known.columns ?? []) add(yamlText(name), t('column'));
  if (isMetric(setting)) for (const name of metricNames(tree)) add(name, t('metric'));
  else {
    if (setting.defaultValue !== undefined && setting.defaultValue !== null)
      add(yamlText(setting.defaultValue), t('default'));
    for (const one of setting.usual) add(one.value, t(one.source));
  }
  for (const choice of [...(setting.choices ?? []), ...setting.forms]) add(choice, '');
  if (setting.wants === 'boolean') for (const text of ['false', 'true']) add(text, '');
  if (setting.wants === 'duration')
    for (const text of ['10%', '100 steps', '1 epoch', '10000 samples']) add(text, t('length'));
  if (setting.nullable) add('null', setting.defaultValue === null ? t('default') : '');
  return [...items].map(([text, detail]) => valueItem(text, detail, describeSetting(setting)));
}

/** The items of lists, each once. */
function itemsOf(setting: Setting, lists: string[]): Item[] {
  const items = lists.map(valueOf).flatMap((list) => (Array.isArray(list) ? (list as unknown[]) : []));
  const texts = new Set(items.map(yamlText));
  return [...texts].map((text) => valueItem(text, '', describeSetting(setting)));
}

const isMetric = ({ path }: Setting): boolean =>
  path === 'checkpoint.best' || path === 'sweep.stop_early.metric';

/** What evaluations write, with the K of this file. */
function metricNames(tree: TreeNode | null): string[] {
  const written = entryOf(entryOf(tree ?? undefined, 'eval')?.value, 'recall_at')?.value;
  const listed = written?.kind === 'list' ? written.items.map(plainValue) : [];
  const given = listed.filter((k) => typeof k === 'number');
  const ks = given.length ? given : (settings.get('eval.recall_at')!.defaultValue as number[]);
  const directions = ['image_to_text', 'text_to_image'];
  return [
    ...ks.map((k) => `val/recall@${k}`),
    'val/loss',
    ...directions.flatMap((way) => ks.map((k) => `val/${way}/recall@${k}`)),
    ...directions.map((way) => `val/${way}/median_rank`),
  ];
}

function valueItem(text: string, detail: string, documentation: string): Item {
  return {
    label: text,
    kind: 'value',
    detail,
    documentation,
    insertText: text,
    // A folder's own files come next.
    thenSuggest: text.endsWith('/'),
  };
}
