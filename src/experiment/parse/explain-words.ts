import { parse } from 'yaml';
import type * as z from 'zod';
import { nearestName } from './nearest.ts';
import type { Setting } from '../schema/settings.ts';
import type { TreeNode } from '../document/tree.ts';
import { yamlText } from '../edit/yaml-text.ts';
import { shortened, listed } from '../../text/words.ts';
import { t } from '../../text/say.ts';

/** The setting takes a list. */
export const isListWanted = (setting: Setting): boolean =>
  setting.wants === 'wholes' || setting.wants === 'range' || setting.wants === 'sweep';

/** What a setting takes, in words. */
export function wanted(setting: Setting): string {
  switch (setting.wants) {
    case 'number':
      return listed([t('a number'), ...setting.words.map((word) => t(word))], 'or');
    case 'whole':
      return listed([t('a whole number'), ...setting.words.map((word) => t(word))], 'or');
    case 'text':
      return t('text');
    case 'boolean':
      return t('true or false');
    case 'choice':
      return t('one of {0}', setting.choices!.join(', '));
    case 'duration':
      return t('a length (5%, 100 steps, 1 epoch)');
    case 'wholes':
    case 'sweep':
      return t('a list of whole numbers');
    case 'range':
      return t('a list of two numbers');
  }
}

/** A scalar in words: text, a word, a number. */
export function describe(node: TreeNode): string {
  if (node.kind !== 'scalar') return node.kind === 'list' ? t('a list') : t('a map');
  if (typeof node.value === 'string')
    return node.style === 'plain' && /^[a-z]+$/i.test(node.source)
      ? t('a word ({0})', node.source)
      : t('text');
  if (typeof node.value === 'number') return t('a number ({0})', node.source);
  if (typeof node.value === 'boolean') return t('{0} (a truth value)', node.source);
  if (node.value === null) return node.source ? node.source : t('nothing');
  return t('a value');
}

/** A value as it is written, shortened. */
export function quote(node: TreeNode): string {
  if (node.kind !== 'scalar') return node.kind === 'list' ? t('a list') : t('a map');
  return shortened(node.source, 60) || t('nothing');
}

/** The first usual value, in brackets. */
export function usualText(setting: Setting): string {
  const first = setting.usual[0];
  return first && setting.wants !== 'choice' ? t(' ({0} is usual)', first.value) : '';
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

/** A word of other languages for null. */
export const isNoneWord = (node: TreeNode): boolean =>
  node.kind === 'scalar' &&
  node.style === 'plain' &&
  /^(none|no|off|false|never|nil|undefined)$/i.test(node.source);

/** What other tools call our choices. */
const choiceSynonyms: Record<string, string[]> = {
  gpu: ['tensorflow_gpu', 'cuda'],
  cuda: ['tensorflow_gpu'],
  onnxruntime: ['onnx'],
  tfjs: ['tensorflow'],
  bert: ['bert-base-uncased'],
  resnet: ['resnet50'],
  clip: ['info_nce'],
  contrastive: ['info_nce'],
  adam: ['adamw'],
  freeze: ['frozen'],
  false: ['frozen'],
  no: ['frozen'],
  true: ['full'],
  yes: ['full'],
  finetune: ['full'],
  average: ['mean'],
  avg: ['mean'],
  cross: ['cross_attention'],
  attention: ['cross_attention'],
  two_tower: ['late'],
  rsqrt: ['inverse_sqrt'],
  webdataset: ['tar'],
};

/** The choice that a word most likely means. */
export function nearestChoice(word: string, choices: readonly string[]): string | null {
  const meant = Object.hasOwn(choiceSynonyms, word.toLowerCase()) ? choiceSynonyms[word.toLowerCase()]! : [];
  return meant.find((one) => choices.includes(one)) ?? nearestName(word.toLowerCase(), choices);
}

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

/** What is wrong with a text. */
export function textFault(issue: z.core.$ZodIssue | undefined, value: string, path: string): string {
  if (value === '') return t('empty text');
  // Not repeated: it is as good as a password.
  if (path === 'notify.url_env' && /^https?:/.test(value))
    return t(
      'this is the address itself, which belongs in no file; put it into an environment variable and write the name of that',
    );
  if (issue?.code === 'too_big') return t('"{0}" is {1} characters; one is wanted', value, value.length);
  return t('"{0}" does not fit', value);
}
