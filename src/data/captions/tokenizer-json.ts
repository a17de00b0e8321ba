import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Normalizer } from '@huggingface/tokenizers';
import { HumanError } from '../../protocol/human-error.ts';
import { isMissing, systemError } from '../../text/system-errors.ts';
import { machineFault } from '../machine-fault.ts';
import { bertNormalizer } from './bert-normalizer.ts';
import { bytePairJson } from './byte-pairs.ts';
import type { Tokenizer } from './tokenizer.ts';
import { said, t, type Said } from '../../text/say.ts';

/**
 * The tokenizer that a `tokenizer.json` describes, of any kind: word pieces, byte-level BPE, SentencePiece. What it puts around a caption stays
 * around one that is cut.
 */
export async function readTokenizerJson(file: string): Promise<Tokenizer> {
  return tokenizerFrom(await readObject(file, null), file);
}

/** That of a `vocab.json` with its `merges.txt`. */
export const readBytePairs = async (vocabFile: string): Promise<Tokenizer> =>
  tokenizerFrom(await bytePairJson(vocabFile), vocabFile);

/** The names of special tokens come from the `tokenizer_config.json` beside the file. */
async function tokenizerFrom(json: Record<string, unknown>, file: string): Promise<Tokenizer> {
  const settings = await readObject(join(dirname(file), 'tokenizer_config.json'), {});
  const { Tokenizer } = await import('@huggingface/tokenizers');
  let tokenizer: InstanceType<typeof Tokenizer>;
  try {
    tokenizer = new Tokenizer(json, settings);
  } catch (error) {
    throw bad(file, t('describes no tokenizer that is known here ({0})', (error as Error).message));
  }
  const bert = bertNormalizerOf(json['normalizer']);
  if (bert) tokenizer.normalizer = bert;
  const idsOf = (caption: string, around: boolean): number[] =>
    tokenizer.encode(caption, { add_special_tokens: around }).ids;
  const [before, after] = around(idsOf('a', true), idsOf('a', false), file);
  const idOf = (token: unknown): number | undefined =>
    typeof token === 'string' ? tokenizer.token_to_id(token) : undefined;
  const model = (json['model'] ?? {}) as Record<string, unknown>;
  const unknownId = typeof model['unk_id'] === 'number' ? model['unk_id'] : idOf(model['unk_token']);
  const added = before.length + after.length;
  return {
    vocabSize: 1 + [...tokenizer.get_vocab(true).values()].reduce((most, id) => Math.max(most, id), -1),
    encode(caption, maxLength) {
      const inside = idsOf(caption, false).slice(0, Math.max(0, maxLength - added));
      return Int32Array.from([...before, ...inside, ...after]);
    },
    length: (caption) => idsOf(caption, false).length + added,
    tokens: (ids) => Array.from(ids, (id) => tokenizer.id_to_token(id) ?? ''),
    padId: idOf(tokenText(settings['pad_token'])) ?? idOf('<pad>') ?? idOf('[PAD]') ?? 0,
    unknownId: unknownId ?? -1,
  };
}

/** What stands before and after the ids of a caption. */
function around(whole: number[], inside: number[], file: string): [before: number[], after: number[]] {
  for (let start = 0; start + inside.length <= whole.length; start++)
    if (inside.every((id, i) => whole[start + i] === id))
      return [whole.slice(0, start), whole.slice(start + inside.length)];
  throw bad(file, t('changes the ids of a caption when it adds its special tokens'));
}

/** The library's own BERT normalizer is wrong for rare signs: see `bertNormalizer`. */
function bertNormalizerOf(written: unknown): Normalizer | null {
  const settings = written as Record<string, unknown> | null;
  if (settings?.['type'] !== 'BertNormalizer') return null;
  const normalize = bertNormalizer({
    lowercase: settings['lowercase'] !== false,
    stripAccents: (settings['strip_accents'] as boolean | null | undefined) ?? null,
    splitChinese: settings['handle_chinese_chars'] !== false,
  });
  const cleans = settings['clean_text'] !== false;
  // The library only ever calls it, as a function of the text.
  return cleans ? (normalize as unknown as Normalizer) : null;
}

/** A token is written as its text or as an object that holds it. */
const tokenText = (token: unknown): unknown =>
  typeof token === 'object' && token !== null ? (token as { content?: unknown }).content : token;

async function readObject(
  file: string,
  whenMissing: Record<string, unknown> | null,
): Promise<Record<string, unknown>> {
  try {
    const value = JSON.parse((await readFile(file, 'utf8')).replace(/^\ufeff/, '')) as unknown;
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new Error(t('it is JSON, but no object'));
    return value as Record<string, unknown>;
  } catch (error) {
    if (whenMissing && isMissing(error)) return whenMissing;
    const reason = systemError(error)?.reason ?? (error as Error).message;
    throw (
      machineFault(error, said('{0} cannot be read', file)) ?? bad(file, said('cannot be read: {0}', reason))
    );
  }
}

function bad(file: string, what: string | Said): HumanError {
  return new HumanError(
    said('{0} {1}.', file, what),
    said('Download it again, or use another text encoder.'),
    'bad_vocabulary',
  );
}
