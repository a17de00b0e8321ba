import { settingAt, sweepList, valuesAt } from './complete-values.ts';
import { cursorPlace, type CursorPlace } from '../document/cursor.ts';
import { readYaml } from '../document/document.ts';
import { distributions } from '../draw.ts';
import { describeSection, describeSetting } from './describe.ts';
import type { Completion, Item, Known } from './completion.ts';
import {
  defaultOf,
  isSection,
  root,
  sections,
  settings,
  sweepableSettings,
  sweepOptions,
  type Section,
  type Setting,
} from '../schema/settings.ts';
import { rangeOf } from '../document/source.ts';
import { stepOf } from '../edit/insert.ts';
import { entryOf, type TreeNode } from '../document/tree.ts';
import { t } from '../../text/say.ts';

/** What the schema allows at an offset: keys that are not there yet, or values. Works in files that are being typed. */
export function completionsAt(text: string, offset: number, known: Known = {}): Completion[] {
  const place = cursorPlace(text, offset);
  if (!place || /[\r\n]/.test(text.slice(place.start, place.end))) return [];
  // A key whose colon is there already is only renamed; a word without one is no YAML yet, and would hide the lines after it.
  const hasColon = /^["']?[ \t]*:/.test(text.slice(place.end));
  const isWord = place.kind === 'key' && !hasColon && place.end > place.start;
  const blank = ' '.repeat(place.end - place.start);
  const { source, tree } = readYaml(
    isWord ? text.slice(0, place.start) + blank + text.slice(place.end) : text,
  );
  const range = rangeOf(source, place.start, place.end);
  const items = place.kind === 'key' ? keysAt(text, place, tree, hasColon) : valuesAt(place, tree, known);
  // YAML wants a space after the colon.
  const space = place.kind === 'value' && text[place.start - 1] === ':' ? ' ' : '';
  // And one before a comment.
  const gap = place.kind === 'value' && text[place.end] === '#' ? ' ' : '';
  return items.map((item, index) => ({
    ...item,
    insertText: space + item.insertText + gap,
    range,
    sortText: String(index).padStart(3, '0'),
  }));
}

/** The path that is being written at an offset, up to it, and of which setting; null where no path is wanted. */
export function pathAt(text: string, offset: number): { setting: string; written: string } | null {
  const place = cursorPlace(text, offset);
  const setting = place && settingAt(place);
  if (!place || setting?.control !== 'path') return null;
  return { setting: setting.path, written: text.slice(place.start, offset).replace(/^["']/, '') };
}

function keysAt(text: string, place: CursorPlace, tree: TreeNode | null, hasColon: boolean): Item[] {
  const path = place.sections.join('.');
  let node: TreeNode | undefined = tree ?? undefined;
  for (const part of place.sections) node = entryOf(node, part)?.value;
  const isFree = (name: string) => {
    const entry = entryOf(node, name);
    return !entry || entry.merged || (entry.keyStart >= place.start && entry.keyStart <= place.end);
  };
  if (path === 'sweep') return sweepKeys(hasColon).filter((item) => isFree(item.label));
  const [first, swept] = place.sections;
  if (first === 'sweep' && place.sections.length === 2 && settings.get(swept!)?.sweepable)
    // One distribution alone.
    return node?.kind === 'map' && node.entries.some(({ name }) => !isFree(name))
      ? []
      : distributionKeys(hasColon);
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
  const below = `${newline}${' '.repeat(place.indent + stepOf(text))}`;
  if (isSection(child) || child.wants === 'sweep')
    return {
      label: name,
      kind: 'section',
      detail: t(child.label),
      documentation: isSection(child) ? describeSection(child) : describeSetting(child),
      insertText: hasColon ? name : place.inFlow ? `${name}: { ` : `${name}:${below}`,
      thenSuggest: !hasColon,
    };
  return {
    label: name,
    kind: 'key',
    detail: child.defaultText ? t('default {0}', defaultOf(child)) : t('required'),
    documentation: describeSetting(child),
    insertText: hasColon ? name : `${name}: `,
    thenSuggest: !hasColon,
  };
}

function sweepKeys(hasColon: boolean): Item[] {
  const seeds: Item = {
    label: 'seeds',
    kind: 'key',
    detail: t('each trial once with each seed'),
    documentation: t('Seeds that each trial is repeated with; the comparison shows mean and range.'),
    insertText: hasColon ? 'seeds' : 'seeds: [0, 1, 2]',
    thenSuggest: false,
  };
  const rates = sweepableSettings.filter((one) => one.path.startsWith('optimizer.learning_rate.'));
  const others = sweepableSettings.filter((one) => !rates.includes(one));
  return [
    ...rates.map((one) => sweepKey(one, hasColon)),
    seeds,
    ...[...sweepOptions.children].map(([name, one]) => optionKey(name, one as Section, hasColon)),
    ...others.map((one) => sweepKey(one, hasColon)),
  ];
}

/** How the sections of the sweep begin. */
const begun: Record<string, string> = {
  random: '{ count: 20 }',
  stop_early: '{ kind: asha }',
  budget: '{ hours: 8 }',
};

function optionKey(name: string, section: Section, hasColon: boolean): Item {
  return {
    label: name,
    kind: 'section',
    detail: t(section.label),
    documentation: describeSection(section),
    insertText: hasColon ? name : `${name}: ${begun[name]}`,
    thenSuggest: false,
  };
}

function distributionKeys(hasColon: boolean): Item[] {
  return Object.entries(distributions()).map(([name, documentation]) => ({
    label: name,
    kind: 'key',
    detail: name === 'choice' ? t('values') : t('smallest and largest'),
    documentation,
    insertText: hasColon ? name : `${name}: [`,
    thenSuggest: false,
  }));
}

function sweepKey(setting: Setting, hasColon: boolean): Item {
  const list = sweepList(setting);
  return {
    label: setting.path,
    kind: 'key',
    detail: t(setting.label),
    documentation: describeSetting(setting),
    insertText: hasColon ? setting.path : `${setting.path}: ${list ?? '['}`,
    thenSuggest: false,
  };
}
