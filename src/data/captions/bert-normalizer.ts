export interface NormalizerSettings {
  lowercase: boolean;
  /** null: as `lowercase`. */
  stripAccents: boolean | null;
  /** Ideographs become words of their own. */
  splitChinese: boolean;
}

/**
 * What BERT's tokenizer does to a text before splitting it into words, step by step as the Rust tokenizers do: control characters out, white
 * space to spaces, ideographs apart, accents off, small letters. It stands in for the JavaScript library's own, which takes ideographs beyond
 * U+FFFF for letters and writes a capital sigma at a word's end as the final one. Compared for every character of Unicode: only some 650 marks
 * and punctuation signs of scripts that came after Unicode 8, which the Rust tables do not know, give other ids.
 */
export function bertNormalizer({
  lowercase,
  stripAccents,
  splitChinese,
}: NormalizerSettings): (text: string) => string {
  const strips = stripAccents ?? lowercase;
  return (text) => {
    if (isPlain.test(text)) return lowercase ? text.toLowerCase() : text;
    let result = cleaned(text, splitChinese);
    if (strips) result = result.normalize('NFD').replace(/\p{Mn}/gu, '');
    return lowercase ? lowered(result) : result;
  };
}

const isPlain = /^[\x20-\x7e]*$/;

function cleaned(text: string, splitChinese: boolean): string {
  let result = '';
  for (const char of text) {
    const code = char.codePointAt(0)!;
    if (char === '\t' || char === '\n' || char === '\r') result += ' ';
    else if (code === 0xfffd || /[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/u.test(char)) continue;
    else if (/\s/.test(char)) result += ' ';
    else result += splitChinese && isIdeograph(code) ? ` ${char} ` : char;
  }
  return result;
}

/** Letter by letter, so that what stands beside a letter does not change it. */
function lowered(text: string): string {
  let result = '';
  for (const char of text) result += char.toLowerCase();
  return result;
}

/** The blocks that BERT calls Chinese: CJK ideographs, their extensions A to E, and the compatibility ones. */
function isIdeograph(code: number): boolean {
  return (
    (code >= 0x4e00 && code <= 0x9fff) ||
    (code >= 0x3400 && code <= 0x4dbf) ||
    (code >= 0x20000 && code <= 0x2a6df) ||
    (code >= 0x2a700 && code <= 0x2b73f) ||
    (code >= 0x2b740 && code <= 0x2b81f) ||
    (code >= 0x2b920 && code <= 0x2ceaf) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0x2f800 && code <= 0x2fa1f)
  );
}
