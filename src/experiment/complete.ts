import { cursorPlace, type CursorPlace } from './cursor.ts';
import { readYaml } from './document.ts';
import { describeSection, describeSetting } from './describe.ts';
import type { SourceRange } from './problem.ts';
import {
  isSection,
  root,
  sections,
  settings,
  sweepableSettings,
  type Section,
  type Setting,
} from './settings.ts';
import { rangeOf } from './source.ts';
import { entryOf, type TreeNode } from './tree.ts';
import { yamlText } from './yaml-text.ts';

/** Something that may be written at the cursor. */
export interface Completion {
  label: string;
  kind: 'key' | 'section' | 'value';
  /** In a few words: default, source of a value. */
  detail: string;
  /** Markdown. */
  documentation: string;
  insertText: string;
  /** What it replaces. */
  range: SourceRange;
  /** Order among the others. */
  sortText: string;
  /** After it is taken, values can be suggested at once. */
  thenSuggest: boolean;
}

/** What the schema allows at an offset: keys that are not there yet, or values. Works in files that are being typed. */
export function completionsAt(text: string, offset: number): Completion[] {
  const place = cursorPlace(text, offset);
  if (!place) return [];
  const document = readYaml(text);
  const range = rangeOf(document.source, place.start, place.end);
  const items = place.kind === 'key' ? keysAt(text, place, document.tree) : valuesAt(place);
  return items.map((item, index) => ({ ...item, range, sortText: String(index).padStart(3, '0') }));
}

type Item = Omit<Completion, 'range' | 'sortText'>;

function keysAt(text: string, place: CursorPlace, tree: TreeNode | null): Item[] {
  const path = place.sections.join('.');
  let node: TreeNode | undefined = tree ?? undefined;
  for (const part of place.sections) node = entryOf(node, part)?.value;
  const isFree = (name: string) => {
    const entry = entryOf(node, name);
    return !entry || entry.merged || (entry.keyStart >= place.start && entry.keyStart <= place.end);
  };
  // A key whose colon is there already is only renamed.
  const hasColon = /^["']?[ \t]*:/.test(text.slice(place.end));
  if (path === 'sweep') return sweepKeys(hasColon).filter((item) => isFree(item.label));
  const section = path ? sections.get(path) : root;
  if (!section) return [];
  return [...section.children]
    .filter(([name]) => isFree(name))
    .map(([name, child]) => keyItem(text, name, child, place, hasColon));
}

function keyItem(
  text: string,
  name: string,
  child: Setting | Section,
  place: CursorPlace,
  hasColon: boolean,
): Item {
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const below = `${newline}${' '.repeat(place.indent + 2)}`;
  if (isSection(child) || child.wants === 'sweep')
    return {
      label: name,
      kind: 'section',
      detail: child.label,
      documentation: isSection(child) ? describeSection(child) : describeSetting(child),
      insertText: hasColon ? name : place.inFlow ? `${name}: { ` : `${name}:${below}`,
      thenSuggest: !hasColon,
    };
  return {
    label: name,
    kind: 'key',
    detail: child.defaultText ? `default ${child.defaultText}` : 'required',
    documentation: describeSetting(child),
    insertText: hasColon ? name : `${name}: `,
    thenSuggest: !hasColon,
  };
}

function sweepKeys(hasColon: boolean): Item[] {
  const seeds: Item = {
    label: 'seeds',
    kind: 'key',
    detail: 'each trial once with each seed',
    documentation: 'Seeds that each trial is repeated with; the comparison shows mean and range.',
    insertText: hasColon ? 'seeds' : 'seeds: [0, 1, 2]',
    thenSuggest: false,
  };
  const rates = sweepableSettings.filter((one) => one.path.startsWith('optimizer.learning_rate.'));
  const others = sweepableSettings.filter((one) => !rates.includes(one));
  return [
    ...rates.map((one) => sweepKey(one, hasColon)),
    seeds,
    ...others.map((one) => sweepKey(one, hasColon)),
  ];
}

function sweepKey(setting: Setting, hasColon: boolean): Item {
  const list = sweepList(setting);
  return {
    label: setting.path,
    kind: 'key',
    detail: setting.label,
    documentation: describeSetting(setting),
    insertText: hasColon ? setting.path : `${setting.path}: ${list ?? '['}`,
    thenSuggest: false,
  };
}

/** Values worth comparing: choices, three rates around the usual one, usual values. */
export function sweepList(setting: Setting): string | null {
  if (setting.choices) return setting.choices.length > 1 ? `[${setting.choices.join(', ')}]` : null;
  if (setting.wants === 'boolean') return '[true, false]';
  const branch = /^optimizer\.learning_rate\.(\w+)$/.exec(setting.path)?.[1];
  if (branch) return branch === 'text' ? '[1e-4, 5e-4, 1e-3]' : '[1e-4, 3e-4, 1e-3]';
  const usual = [...new Set(setting.usual.map((one) => one.value))];
  return usual.length > 1 ? `[${usual.join(', ')}]` : null;
}

function valuesAt(place: CursorPlace): Item[] {
  if (place.key === null) return [];
  const [top] = place.sections;
  if (top === 'sweep' && place.sections.length === 1) return sweepValues(place);
  const setting = settings.get([...place.sections, place.key].join('.'));
  if (!setting || setting.wants === 'sweep') return [];
  const isListed = setting.wants === 'wholes' || setting.wants === 'range';
  return place.inList === isListed || !place.inList ? (place.inList ? [] : valuesOf(setting)) : [];
}

function sweepValues(place: CursorPlace): Item[] {
  if (place.key === 'seeds') return place.inList ? [] : [valueItem('[0, 1, 2]', 'three seeds', '')];
  const setting = settings.get(place.key!);
  if (!setting?.sweepable) return [];
  if (place.inList) return valuesOf(setting);
  const list = sweepList(setting);
  return list ? [valueItem(list, 'values worth comparing', describeSetting(setting))] : [];
}

/** Default, choices and usual values of a setting, each once. */
function valuesOf(setting: Setting): Item[] {
  const items = new Map<string, string>();
  const add = (text: string, detail: string) => items.has(text) || items.set(text, detail);
  const isDefault = setting.defaultValue !== undefined && setting.defaultValue !== null;
  if (isDefault) add(yamlText(setting.defaultValue), 'default');
  for (const one of setting.usual) {
    const same = [...items.keys()].find((text) => text === one.value || Number(text) === Number(one.value));
    if (same === undefined) add(one.value, one.source);
    else if (items.get(same) === 'default') items.set(same, `default; ${one.source}`);
  }
  for (const choice of setting.choices ?? []) add(choice, '');
  if (setting.wants === 'boolean') {
    add('true', '');
    add('false', '');
  }
  if (setting.path === 'checkpoint.best')
    for (const name of [
      'val/recall@5',
      'val/recall@10',
      'val/image_to_text/recall@1',
      'val/text_to_image/recall@1',
    ])
      add(name, 'metric');
  if (setting.wants === 'duration')
    for (const text of ['10%', '100 steps', '1 epoch', '10000 samples']) add(text, 'length');
  if (setting.nullable) add('null', setting.defaultValue === null ? 'default' : '');
  return [...items].map(([text, detail]) => valueItem(text, detail, describeSetting(setting)));
}

function valueItem(text: string, detail: string, documentation: string): Item {
  return { label: text, kind: 'value', detail, documentation, insertText: text, thenSuggest: false };
}
