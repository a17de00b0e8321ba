/** Columns that a text takes on a terminal: two for Chinese, Japanese and Korean signs and for emoji, none for marks above letters. */
export function widthOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of letters.segment(text))
    width += wide.test(segment) ? 2 : empty.test(segment) ? 0 : 1;
  return width;
}

/** The text with blanks up to a width, on its right or on its left. */
export function padded(text: string, width: number, side: 'left' | 'right'): string {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(text)));
  return side === 'left' ? blanks + text : text + blanks;
}

const letters = new Intl.Segmenter();
/** East Asian Width W and F (Unicode 16, UAX 11), in whole blocks, and whatever is shown as an emoji. */
const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|^\p{Emoji_Presentation}|\ufe0f/u;
const empty = /^(?:\p{Mn}|\p{Me}|\p{Cf}|\p{Cc})+$/u;
