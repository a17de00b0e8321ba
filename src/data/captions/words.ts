/** A word of a caption and the places of its pieces among the caption's tokens. */
export interface Word {
  text: string;
  pieces: number[];
}

/**
 * The words that tokens are pieces of. A piece goes on with the word before it by its `##` in a WordPiece vocabulary; where pieces mark a word's
 * beginning (`▁` of SentencePiece, `Ġ` of byte-level BPE) when it has no such mark; where they mark its end (`</w>`, CLIP's) when the one before
 * has none. Special tokens (`[CLS]`, `<s>`, `<|endoftext|>`) are words of their own.
 */
export function wordsOf(tokens: readonly string[]): Word[] {
  const begins = tokens.some((token) => beginning.test(token));
  const ends = tokens.some((token) => token.endsWith(wordEnd));
  const words: Word[] = [];
  tokens.forEach((token, at) => {
    const before = tokens[at - 1];
    const isNew =
      before === undefined ||
      isSpecial(token) ||
      isSpecial(before) ||
      (ends ? before.endsWith(wordEnd) : begins ? beginning.test(token) : !token.startsWith('##'));
    const text = ends
      ? token.replace(wordEnd, '')
      : begins
        ? token.replace(beginning, '')
        : isNew
          ? token
          : token.slice(2);
    if (isNew) words.push({ text, pieces: [at] });
    else {
      const last = words.at(-1)!;
      last.text += text;
      last.pieces.push(at);
    }
  });
  return words;
}

const beginning = /^[▁Ġ]/u;
const wordEnd = '</w>';
const isSpecial = (token: string): boolean => /^(\[[A-Z]+\]|<\/?\w+>|<\|.*\|>)$/.test(token);
