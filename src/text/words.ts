import { counted } from './numbers.ts';
import { said, t, type Said } from './say.ts';

/** A count with its noun, `one` ("{0} pair") or `many` ("{0} pairs"): 1 pair, 1,852 pairs. */
export function plural(amount: number, one: string, many: string, ...args: (string | number)[]): string {
  return t(amount === 1 ? one : many, counted(amount), ...args);
}

/** The same for a text that is kept. */
export const saidPlural = (amount: number, one: string, many: string, ...args: (string | number)[]): Said =>
  said(amount === 1 ? one : many, counted(amount), ...args);

/** Sentences one after the other, those that there are: not every language has a space between them. */
export const sentences = (parts: readonly (string | null | undefined)[]): string =>
  parts.filter(Boolean).join(t(' '));

/** "a", "a and b", "a, b and c". */
export function listed(words: readonly string[], last: 'and' | 'or' = 'and'): string {
  if (words.length < 2) return words[0] ?? '';
  const before = words.slice(0, -1).join(t(', '));
  return last === 'and' ? t('{0} and {1}', before, words.at(-1)!) : t('{0} or {1}', before, words.at(-1)!);
}

/** "a, b and c" of texts that are kept. */
export function saidList(items: readonly Said[]): Said {
  const [last, ...others] = [...items].reverse();
  if (!last || !others.length) return last ?? [''];
  const before = others.reverse().reduce((list, one) => said('{0}, {1}', list, one));
  return said('{0} and {1}', before, last);
}

/** The text with at most `length` letters; `…` stands for what is cut off. */
export function shortened(text: string, length: number): string {
  const letters = [...text.slice(0, 2 * length + 1)];
  return letters.length > length ? `${letters.slice(0, length - 1).join('')}…` : text;
}

/** The text with a capital as its first letter. */
export const sentenceStart = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** What is said of words to search by that are longer than the model reads. */
export const unreadText = (tokens: number): string =>
  plural(
    tokens,
    'The model does not read so many words at a time: the last {0} token is left out.',
    'The model does not read so many words at a time: the last {0} tokens are left out.',
  );
