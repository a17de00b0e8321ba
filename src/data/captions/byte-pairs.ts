import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HumanError } from '../../protocol/human-error.ts';
import { said, t, type Said } from '../../text/say.ts';
import { systemError } from '../../text/system-errors.ts';
import { machineFault } from '../machine-fault.ts';

/** The two files that a CLIP's or RoBERTa's tokenizer is where it has no tokenizer.json. */
export const bytePairFiles = ['vocab.json', 'merges.txt'] as const;

/**
 * What a `tokenizer.json` would say of a `vocab.json` with the `merges.txt` beside it, as transformers' converters write it: a CLIP's where the
 * vocabulary has its tokens, else a RoBERTa's.
 */
export async function bytePairJson(vocabFile: string): Promise<Record<string, unknown>> {
  const vocab = vocabularyIn(await read(vocabFile), vocabFile);
  const merges = (await read(join(dirname(vocabFile), bytePairFiles[1])))
    .split('\n')
    .map((line) => line.trim())
    .filter((line, at) => line !== '' && !(at === 0 && line.startsWith('#version')));
  const kind = kinds.find(({ begin, end }) => begin in vocab && end in vocab);
  if (!kind)
    throw bad(
      vocabFile,
      t('has neither a CLIP’s <|startoftext|> and <|endoftext|> nor a RoBERTa’s <s> and </s>'),
    );
  const { begin, end, special, model, ...rest } = kind;
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special
      .filter((content) => content in vocab)
      .map((content) => ({ ...plainToken, id: vocab[content], content })),
    ...rest,
    post_processor: {
      type: 'RobertaProcessing',
      sep: [end, vocab[end]],
      cls: [begin, vocab[begin]],
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: byteLevel,
    model: { type: 'BPE', dropout: null, fuse_unk: false, byte_fallback: false, ...model, vocab, merges },
  };
}

const plainToken = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };

const clip = {
  begin: '<|startoftext|>',
  end: '<|endoftext|>',
  special: ['<|startoftext|>', '<|endoftext|>'],
  normalizer: {
    type: 'Sequence',
    normalizers: [
      { type: 'NFC' },
      { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
      { type: 'Lowercase' },
    ],
  },
  pre_tokenizer: {
    type: 'Sequence',
    pretokenizers: [
      {
        type: 'Split',
        pattern: {
          Regex:
            "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+",
        },
        behavior: 'Removed',
        invert: true,
      },
      { ...byteLevel, use_regex: false },
    ],
  },
  model: { unk_token: '<|endoftext|>', continuing_subword_prefix: '', end_of_word_suffix: '</w>' },
};

const roberta = {
  begin: '<s>',
  end: '</s>',
  special: ['<s>', '<pad>', '</s>', '<unk>', '<mask>'],
  normalizer: null,
  pre_tokenizer: byteLevel,
  model: { unk_token: null, continuing_subword_prefix: '', end_of_word_suffix: '' },
};

const kinds = [clip, roberta];

function vocabularyIn(text: string, file: string): Record<string, number> {
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value === 'object' && value !== null && Object.values(value).every(Number.isInteger))
      return value as Record<string, number>;
  } catch {
    // told like any other that is no vocabulary
  }
  throw bad(file, t('is no JSON of tokens and their ids'));
}

async function read(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const reason = systemError(error)?.reason ?? (error as Error).message;
    throw (
      machineFault(error, said('{0} cannot be read', file)) ?? bad(file, said('cannot be read: {0}', reason))
    );
  });
  return text.replace(/^\ufeff/, '');
}

function bad(file: string, what: string | Said): HumanError {
  return new HumanError(
    said('{0} {1}.', file, what),
    said('Download it again, or use another text encoder.'),
    'bad_vocabulary',
  );
}
