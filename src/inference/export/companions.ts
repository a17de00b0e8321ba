import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { bytePairFiles, bytePairJson } from '../../data/captions/byte-pairs.ts';
import { readTokenizerSettings, type TokenizerSettings } from '../../data/captions/vocabulary.ts';
import { bertTokens, wordPieceJson } from '../../data/captions/word-pieces.ts';
import { openBeside } from '../../weights/source.ts';
import type { FinishedModel } from '../finished-model.ts';

/** transformers' preprocessor_config.json: what the model's images went through. */
export function preprocessorConfig({ config, preprocessing }: FinishedModel): object {
  const side = config.data.image_size;
  const { shortSide, filter, mean, deviation } = preprocessing;
  const square = { height: side, width: side };
  return {
    image_processor_type: shortSide === null ? 'ViTImageProcessor' : 'CLIPImageProcessor',
    do_convert_rgb: true,
    do_resize: true,
    ...(shortSide === null
      ? { size: square }
      : { size: { shortest_edge: Math.round(side * shortSide) }, do_center_crop: true, crop_size: square }),
    // Pillow's numbers of its filters.
    resample: filter === 'bilinear' ? 2 : 3,
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: mean,
    image_std: deviation,
  };
}

/** How many tokens the text encoder reads. */
export const longestCaption = ({ config, shapes }: FinishedModel): number =>
  Math.min(config.data.max_length, shapes.text?.positions ?? Infinity);

/**
 * What reads captions, as transformers, tokenizers and transformers.js want it: contents by file name. A tokenizer.json that the run started from
 * is written again as it was.
 */
export async function tokenizerFiles(finished: FinishedModel): Promise<Map<string, string>> {
  const { tokenizer, config } = finished;
  const weights = config.model.weights ?? config.model.text_encoder.weights;
  const vocabFile = weights === null ? null : (await openBeside(weights)).vocabFile;
  if (vocabFile?.endsWith('.json')) return asTheyWere(vocabFile, finished);
  const tokens = tokenizer.tokens(Array.from({ length: tokenizer.vocabSize }, (_, id) => id));
  const settings = vocabFile === null ? {} : await readTokenizerSettings(vocabFile);
  return new Map([
    ['vocab.txt', `${tokens.join('\n')}\n`],
    ['tokenizer.json', json(tokenizerJson(tokens, settings))],
    [
      'tokenizer_config.json',
      json({
        tokenizer_class: 'BertTokenizer',
        do_lower_case: settings.do_lower_case ?? true,
        strip_accents: settings.strip_accents ?? null,
        tokenize_chinese_chars: settings.tokenize_chinese_chars ?? true,
        model_max_length: config.data.max_length,
        ...bertTokens,
      }),
    ],
  ]);
}

export const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** A vocab.json with its merges.txt becomes a tokenizer.json. */
async function asTheyWere(file: string, { config }: FinishedModel): Promise<Map<string, string>> {
  const isBytePairs = basename(file) === bytePairFiles[0];
  const text = isBytePairs ? json(await bytePairJson(file)) : await readFile(file, 'utf8');
  const files = new Map([['tokenizer.json', text]]);
  const name = 'tokenizer_config.json';
  const settings = join(dirname(file), name);
  if (existsSync(settings)) files.set(name, await readFile(settings, 'utf8'));
  else if (isBytePairs)
    files.set(
      name,
      json({ tokenizer_class: 'PreTrainedTokenizerFast', model_max_length: config.data.max_length }),
    );
  return files;
}

function tokenizerJson(tokens: readonly string[], settings: TokenizerSettings): object {
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
  const { cls_token: cls, sep_token: sep } = bertTokens;
  const piece = (id: string, type = 0) => ({ SpecialToken: { id, type_id: type } });
  const text = (id: string, type: number) => ({ Sequence: { id, type_id: type } });
  const named = (id: string) => ({ id, ids: [vocab[id]], tokens: [id] });
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    ...wordPieceJson(vocab),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: settings.tokenize_chinese_chars ?? true,
      strip_accents: settings.strip_accents ?? null,
      lowercase: settings.do_lower_case ?? true,
    },
    post_processor: {
      type: 'TemplateProcessing',
      single: [piece(cls), text('A', 0), piece(sep)],
      pair: [piece(cls), text('A', 0), piece(sep), text('B', 1), piece(sep, 1)],
      special_tokens: { [cls]: named(cls), [sep]: named(sep) },
    },
  };
}
