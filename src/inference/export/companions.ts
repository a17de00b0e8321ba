import { readTokenizerSettings, type TokenizerSettings } from '../../data/captions/vocabulary.ts';
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

/** The vocabulary and what reads it, as transformers, tokenizers and transformers.js want it: contents by file name. */
export async function tokenizerFiles(finished: FinishedModel): Promise<Map<string, string>> {
  const { tokenizer, config } = finished;
  const tokens = tokenizer.tokens(Array.from({ length: tokenizer.vocabSize }, (_, id) => id));
  const settings = await settingsOf(config.model.text_encoder.weights);
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
        ...specialTokens,
      }),
    ],
  ]);
}

export const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

const specialTokens = {
  pad_token: '[PAD]',
  unk_token: '[UNK]',
  cls_token: '[CLS]',
  sep_token: '[SEP]',
  mask_token: '[MASK]',
};

async function settingsOf(weights: string | null): Promise<TokenizerSettings> {
  const vocabFile = weights === null ? null : (await openBeside(weights)).vocabFile;
  return vocabFile === null ? {} : readTokenizerSettings(vocabFile);
}

function tokenizerJson(tokens: readonly string[], settings: TokenizerSettings): object {
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
  const special = Object.values(specialTokens).filter((token) => token in vocab);
  const piece = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
  const named = (id: string) => ({ id, ids: [vocab[id]], tokens: [id] });
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special.map((content) => ({
      id: vocab[content],
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: settings.tokenize_chinese_chars ?? true,
      strip_accents: settings.strip_accents ?? null,
      lowercase: settings.do_lower_case ?? true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [piece('[CLS]'), { Sequence: { id: 'A', type_id: 0 } }, piece('[SEP]')],
      pair: [
        piece('[CLS]'),
        { Sequence: { id: 'A', type_id: 0 } },
        piece('[SEP]'),
        { Sequence: { id: 'B', type_id: 1 } },
        { SpecialToken: { id: '[SEP]', type_id: 1 } },
      ],
      special_tokens: { '[CLS]': named('[CLS]'), '[SEP]': named('[SEP]') },
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab,
    },
  };
}
