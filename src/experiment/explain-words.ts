import { parse } from 'yaml';
import type * as z from 'zod';
import { nearestName } from './nearest.ts';
import type { Setting } from './settings.ts';
import type { TreeNode } from './tree.ts';
import { yamlText } from './yaml-text.ts';

/** The setting takes a list. */
export const isListWanted = (setting: Setting): boolean =>
  setting.wants === 'wholes' || setting.wants === 'range' || setting.wants === 'sweep';

/** What a setting takes, in words. */
export function wanted(setting: Setting): string {
  switch (setting.wants) {
    case 'number':
      return 'a number';
    case 'whole':
      return 'a whole number';
    case 'text':
      return 'text';
    case 'boolean':
      return 'true or false';
    case 'choice':
      return `one of ${setting.choices!.join(', ')}`;
    case 'duration':
      return 'a length (5%, 100 steps, 1 epoch)';
    case 'wholes':
    case 'sweep':
      return 'a list of whole numbers';
    case 'range':
      return 'a list of two numbers';
  }
}

/** A scalar in words: text, a word, a number. */
export function describe(node: TreeNode): string {
  if (node.kind !== 'scalar') return `a ${node.kind}`;
  if (typeof node.value === 'string')
    return node.style === 'plain' && /^[a-z]+$/i.test(node.source) ? `a word (${node.source})` : 'text';
  if (typeof node.value === 'number') return `a number (${node.source})`;
  if (typeof node.value === 'boolean') return `${node.source} (a truth value)`;
  if (node.value === null) return node.source ? node.source : 'nothing';
  return 'a value';
}

/** A value as it is written, shortened. */
export function quote(node: TreeNode): string {
  if (node.kind !== 'scalar') return `a ${node.kind}`;
  return node.source.length > 60 ? `${node.source.slice(0, 57)}...` : node.source || 'nothing';
}

/** The first usual value, in brackets. */
export function usualText(setting: Setting): string {
  const first = setting.usual[0];
  return first && setting.wants !== 'choice' ? ` (${first.value} is usual)` : '';
}

/** Values to put instead: the default, else what is usual. */
export function defaults(setting: Setting): string[] {
  if (setting.defaultValue !== undefined && setting.defaultValue !== null)
    return [yamlText(setting.defaultValue)];
  if (setting.usual[0]) return [setting.usual[0].value];
  return setting.nullable ? ['null'] : [];
}

/** A truth value that a word is meant to be. */
export function booleanOf(source: string): boolean | null {
  if (/^(yes|y|on|true|1)$/i.test(source)) return true;
  if (/^(no|n|off|false|0|none)$/i.test(source)) return false;
  return null;
}

/** A number that a text is meant to be, as it should be written; null when it is none. */
export function numberOf(text: string, setting: Setting): string | null {
  const bare = text.trim();
  const candidates = [bare, bare.replaceAll('_', ''), bare.replace(',', '.'), bare.replaceAll(',', '')];
  for (const one of candidates)
    if (
      /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(one) &&
      setting.schema.safeParse(itemOf(setting, Number(one))).success
    )
      return one;
  const percent = /^(\d+(?:\.\d+)?)\s*%$/.exec(bare);
  if (percent && setting.wants === 'number') return yamlText(Number(percent[1]) / 100);
  return null;
}

const itemOf = (setting: Setting, value: number): unknown => (setting.wants === 'wholes' ? [value] : value);

/** A single text as the list that it is meant to be. */
export function asList(node: TreeNode, setting: Setting): string {
  const fallback = setting.defaultText || '[0, 1, 2]';
  if (node.kind !== 'scalar') return fallback;
  const text = `[${node.source
    .replace(/^[[(]|[\])]$/g, '')
    .split(/[,;\s]+/)
    .filter(Boolean)
    .join(', ')}]`;
  try {
    return setting.schema.safeParse(parse(text)).success ? text : fallback;
  } catch {
    // The text is no list of YAML values: offer the default.
    return fallback;
  }
}

/** Lengths that a text is meant to be. */
export function durationFixes(node: TreeNode): string[] {
  const match = node.kind === 'scalar' ? /^(\d+(?:\.\d+)?)\s*([a-z%]+)?/i.exec(node.source) : null;
  if (!match) return ['1 epoch', '100 steps', '5%'];
  const [, amount, unit] = match;
  if (/^(pct|per|%)/i.test(unit ?? '')) return [`${amount}%`];
  const near = nearestName((unit ?? '').toLowerCase(), ['steps', 'epochs', 'samples']);
  if (near) return [`${amount} ${near}`];
  return Number(amount) > 0
    ? [`${Math.max(1, Math.round(Number(amount)))} steps`, `${amount} epochs`]
    : ['1 epoch'];
}

/** What is wrong with a text. */
export function textFault(issue: z.core.$ZodIssue | undefined, value: string): string {
  if (value === '') return 'empty text';
  if (issue?.code === 'too_big') return `"${value}" is ${value.length} characters; one is wanted`;
  return `"${value}" does not fit`;
}
