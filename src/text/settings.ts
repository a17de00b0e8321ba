import { numberText, rounded } from './numbers.ts';
import { said, t, textOf, type Said } from './say.ts';

/** A setting's value as a reader types it: numbers as `numberText`, lists in brackets, words bare; `–` where there is none. */
export function settingText(value: unknown): string {
  if (value === undefined) return '–';
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return `[${value.map(settingText).join(', ')}]`;
  if (typeof value === 'object' && value !== null)
    return `{ ${Object.entries(value)
      .map(([key, each]) => `${key}: ${settingText(each)}`)
      .join(', ')} }`;
  return JSON.stringify(value);
}

/** Settings in one line: `image 1e-3, text 2e-5`, each under the shortest ending of its key that tells it from the others. */
export function settingsText(values: Record<string, unknown>, keys = Object.keys(values)): string {
  return keys.map((key) => `${shortKey(key, keys)} ${settingText(values[key])}`).join(', ');
}

/** The same for a narrow row: `img 1e-3 · txt 2e-5`. */
export function briefSettings(values: Record<string, unknown>, keys = Object.keys(values)): string {
  const name = (key: string): string => {
    const short = shortKey(key, keys);
    return brief[short] ?? short;
  };
  // Of numbers that were drawn three digits tell them apart.
  const value = (key: string): unknown => {
    const own = values[key];
    return typeof own === 'number' && !Number.isInteger(own) ? rounded(own, 3) : own;
  };
  return keys.map((key) => `${name(key)} ${settingText(value(key))}`).join(' · ');
}

const brief: Record<string, string> = {
  image: 'img',
  text: 'txt',
  'batch size': 'batch',
  'weight decay': 'decay',
  'learning rate': 'rate',
};

/** The key as a heading: `image rate`; else its shortest ending that tells it from the other keys. */
export function settingName(key: string, keys: readonly string[] = [key]): string {
  return rateKey.test(key) ? t('{0} rate', branchName(shortKey(key))) : shortKey(key, keys);
}

/** A learning rate by its branch alone. */
const rateKey = /^optimizer\.learning_rate\.(\w+)$/;

function shortKey(key: string, keys: readonly string[] = [key]): string {
  const rate = rateKey.exec(key);
  if (rate) return rate[1]!;
  const parts = key.split('.');
  for (let count = 1; count < parts.length; count++) {
    const ending = parts.slice(-count).join('.');
    if (keys.every((other) => other === key || !`.${other}`.endsWith(`.${ending}`)))
      return ending.replaceAll('_', ' ');
  }
  return key;
}

/** A branch of the model in words, as a text that is kept. */
export function saidBranch(branch: string): Said {
  const names: Record<string, Said> = {
    image: said('image'),
    text: said('text'),
    fusion: said('fusion'),
    scale: said('scale'),
  };
  return names[branch] ?? said('{0}', branch);
}

/** A branch of the model in words: the image encoder, the text encoder, what joins them, the logit scale. */
export const branchName = (branch: string): string => textOf(saidBranch(branch));
