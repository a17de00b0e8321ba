import { evenly } from '../evenly.ts';
import type { PairSet } from '../pair-set.ts';
import type { Tokenizer } from './tokenizer.ts';

/** Different captions that are tokenized, in about half a second. */
const tokenizedUpTo = 10_000;
/** UTF-16 units; whatever the vocabulary, a longer caption has more tokens than any model reads. */
const longest = 20_000;

/** What a data frame writes where a value is missing. */
const missingValues = new Set(['nan', 'NaN', 'NaT', 'null', 'NULL', 'None', '<NA>', 'N/A']);

/** What captions come to, counted in pairs; each different caption is looked at once. */
export interface CaptionFacts {
  /** Captions that say "left" or "right". */
  left_right: number;
  /** Probability that another pair, drawn at random, has the same caption. */
  equal_caption_share: number;
  /** Captions that are a data frame's missing value. */
  missing_value_captions: number;
}

export function captionFacts(pairs: PairSet): CaptionFacts {
  let leftRight = 0;
  let missing = 0;
  let equal = 0;
  for (const { pair, count } of differentCaptions(pairs)) {
    const caption = pairs.caption(pair);
    if (/\b(left|right)\b/i.test(caption)) leftRight += count;
    if (missingValues.has(caption)) missing += count;
    equal += count * (count - 1);
  }
  return {
    left_right: leftRight,
    equal_caption_share: pairs.count < 2 ? 0 : equal / (pairs.count * (pairs.count - 1)),
    missing_value_captions: missing,
  };
}

/** What the text encoder gets of captions, counted in pairs. */
export interface TokenFacts {
  /** Captions of which the vocabulary knows no word. */
  unknown_captions: number;
  /** Captions that are cut at `maxLength`. */
  cut_captions: number;
  /** Different captions that were tokenized, and those that there are. */
  looked: number;
  all: number;
}

/** Of very many captions 10,000, spread evenly, stand for all. */
export function tokenFacts(pairs: PairSet, tokenizer: Tokenizer, maxLength: number): TokenFacts {
  const different = differentCaptions(pairs);
  const looked = evenly(different, tokenizedUpTo);
  const knownWords = new Map<string, boolean>();
  let unknown = 0;
  let cut = 0;
  let lookedPairs = 0;
  for (const { pair, count } of looked) {
    const caption = pairs.caption(pair);
    lookedPairs += count;
    if (isCut(caption, tokenizer, maxLength)) cut += count;
    if (!knowsAny(caption.slice(0, longest), tokenizer, knownWords)) unknown += count;
  }
  const ofAll = (found: number): number => Math.round((found / lookedPairs) * pairs.count);
  return {
    unknown_captions: ofAll(unknown),
    cut_captions: ofAll(cut),
    looked: looked.length,
    all: different.length,
  };
}

function isCut(caption: string, tokenizer: Tokenizer, maxLength: number): boolean {
  // A token has one letter at least; [CLS] and [SEP] are two more.
  if (caption.length + 2 <= maxLength) return false;
  return caption.length > longest || tokenizer.length(caption) > maxLength;
}

/** Most captions are settled by their first word, which many share. */
function knowsAny(caption: string, tokenizer: Tokenizer, known: Map<string, boolean>): boolean {
  const [first] = caption.split(/\s/, 1) as [string];
  let isKnown = known.get(first);
  if (isKnown === undefined) known.set(first, (isKnown = hasKnown(first, tokenizer)));
  return isKnown || hasKnown(caption, tokenizer);
}

function hasKnown(text: string, tokenizer: Tokenizer): boolean {
  const ids = tokenizer.encode(text, Infinity).subarray(1, -1);
  return ids.some((id) => id !== tokenizer.unknownId);
}

/** Each caption once: the first pair that has it, and how many do. */
function differentCaptions(pairs: PairSet): { pair: number; count: number }[] {
  const found = new Map<number, { pair: number; count: number }>();
  for (let pair = 0; pair < pairs.count; pair++) {
    const id = pairs.captionId(pair);
    const known = found.get(id);
    if (known) known.count++;
    else found.set(id, { pair, count: 1 });
  }
  return [...found.values()];
}
