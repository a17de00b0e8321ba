import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Normalizer } from '@huggingface/tokenizers';
import { HumanError } from '../../protocol/human-error.ts';
import { bertNormalizer } from './bert-normalizer.ts';
import { bytePairFiles } from './byte-pairs.ts';
import { readBytePairs, readTokenizerJson } from './tokenizer-json.ts';
import { readTokenizerSettings, readVocabulary } from './vocabulary.ts';
import { bertTokens, wordPieceJson } from './word-pieces.ts';
import { said } from '../../text/say.ts';

export interface Tokenizer {
  vocabSize: number;
  /** Ids of a caption, with [CLS] first and [SEP] last or what else the encoder has for them, at most `maxLength`: what is too long is cut before [SEP]. */
  encode(caption: string, maxLength: number): Int32Array;
  /** How many ids the whole caption has, [CLS] and [SEP] included. */
  length(caption: string): number;
  /** The vocabulary's texts of ids; a piece inside a word begins with `##`. */
  tokens(ids: Iterable<number>): string[];
  padId: number;
  unknownId: number;
}

/** Words whose ids are kept: captions of an ordinary data set have fewer. */
const knownWords = 50_000;

/** The tokenizer of a file: a `tokenizer.json`, a `vocab.json` with its `merges.txt`, or a BERT vocabulary; bert-base-uncased's, which ships with the product, unless one is given. */
export async function loadTokenizer(file: string = shippedVocabulary()): Promise<Tokenizer> {
  if (basename(file) === bytePairFiles[0]) return readBytePairs(file);
  return file.endsWith('.json') ? readTokenizerJson(file) : readBertVocabulary(file);
}

/**
 * The WordPiece tokenizer of a BERT vocabulary (one token a line), with transformers' BertTokenizer's ids. A `tokenizer_config.json` beside the
 * file is heeded (cased vocabularies).
 */
async function readBertVocabulary(vocabFile: string): Promise<Tokenizer> {
  const texts = await readVocabulary(vocabFile);
  const vocab = Object.fromEntries(texts.map((token, id) => [token, id]));
  const { Tokenizer } = await import('@huggingface/tokenizers');
  const tokenizer = new Tokenizer({ ...wordPieceJson(vocab), normalizer: null, post_processor: null }, {});
  const settings = await readTokenizerSettings(vocabFile);
  // The library only ever calls it, as a function of the text.
  tokenizer.normalizer = bertNormalizer({
    lowercase: settings.do_lower_case ?? true,
    stripAccents: settings.strip_accents ?? null,
    splitChinese: settings.tokenize_chinese_chars ?? true,
  }) as unknown as Normalizer;
  const idOf = (token: string): number => {
    const id = vocab[token];
    if (id === undefined)
      throw new HumanError(
        said('{0} has no {1}.', vocabFile, token),
        said('A BERT vocabulary has one token a line.'),
        'bad_vocabulary',
      );
    return id;
  };
  const { cls_token, sep_token, pad_token, unk_token } = bertTokens;
  const [cls, sep, padId, unknownId] = [idOf(cls_token), idOf(sep_token), idOf(pad_token), idOf(unk_token)];
  const known = new Map<string, number[]>();
  const idsOfWord = (word: string): number[] => {
    let ids = known.get(word);
    if (ids) return ids;
    ({ ids } = tokenizer.encode(word, { add_special_tokens: false }));
    if (known.size === knownWords) known.clear();
    known.set(word, ids);
    return ids;
  };
  // Nothing in this kind of tokenizer looks beyond a space.
  const idsOf = (caption: string): number[] => caption.split(' ').flatMap(idsOfWord);
  return {
    vocabSize: texts.length,
    encode(caption, maxLength) {
      const inside = idsOf(caption);
      const ids = new Int32Array(Math.min(inside.length + 2, Math.max(maxLength, 2)));
      ids[0] = cls;
      for (let i = 1; i < ids.length - 1; i++) ids[i] = inside[i - 1]!;
      ids[ids.length - 1] = sep;
      return ids;
    },
    length: (caption) => idsOf(caption).length + 2,
    tokens: (ids) => Array.from(ids, (id) => texts[id] ?? '[UNK]'),
    padId,
    unknownId,
  };
}

/** The vocabulary in `media/`, seen from a bundle in `dist/` or `dist/bench/`, or from the source. */
function shippedVocabulary(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const name = join('media', 'bert-base-uncased-vocab.txt');
  for (const up of ['..', join('..', '..'), join('..', '..', '..')])
    if (existsSync(join(here, up, name))) return join(here, up, name);
  throw new Error(`${name} is missing beside ${here}.`);
}
