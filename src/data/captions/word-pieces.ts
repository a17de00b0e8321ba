/** The special tokens of a BERT vocabulary, by transformers' names of them. */
export const bertTokens = {
  pad_token: '[PAD]',
  unk_token: '[UNK]',
  cls_token: '[CLS]',
  sep_token: '[SEP]',
  mask_token: '[MASK]',
};

/** What a tokenizer.json says of a BERT vocabulary's pieces; how texts are normalised and what is put around them is said beside it. */
export function wordPieceJson(vocab: Readonly<Record<string, number>>): object {
  const special = Object.values(bertTokens).filter((token) => token in vocab);
  return {
    added_tokens: special.map((content) => ({
      id: vocab[content],
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    pre_tokenizer: { type: 'BertPreTokenizer' },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: bertTokens.unk_token,
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab,
    },
  };
}
