import { imageName } from './image-name.ts';

const quote = '"';

/**
 * Fields in quotes, as RFC 4180 writes them and as captions only seem to be. A quote is a letter when other text than the end of a field
 * follows its partner, or when the lines between the two are rows of their own. Files in which a backslash escapes quotes are told by
 * the first of them that RFC 4180 could not have written.
 */
export class QuotedFields {
  /** Fields of a row, once known. */
  columns = 0;
  private hasEscapes = false;

  constructor(private readonly separator: string) {}

  /** Index of the quote that ends the field whose inside begins at `from`. `cut`: the text ends before that is known. `letter`: there is no such field. */
  end(text: string, from: number, isLast: boolean): number | 'cut' | 'letter' {
    for (let at = text.indexOf(quote, from); at >= 0; at = text.indexOf(quote, at)) {
      const after = this.afterBlanks(text, at + 1);
      if (after + this.separator.length > text.length && !isLast) return 'cut';
      const isEnd = after === text.length || isLineEnd(text, after) || text.startsWith(this.separator, after);
      const isDoubled = text[at + 1] === quote;
      if (isEscaped(text, at, from) && (this.hasEscapes || !(isEnd || isDoubled))) {
        this.hasEscapes = true;
        at++;
      } else if (isDoubled) at += 2;
      else return isEnd ? (this.swallowing(text, from, at, isLast) ?? at) : 'letter';
    }
    return 'cut';
  }

  /** What the inside of a field means. */
  value(inside: string): string {
    if (this.hasEscapes) return inside.replace(/\\(["\\])|"(")/g, '$1$2');
    return inside.includes(quote) ? inside.replaceAll('""', quote) : inside;
  }

  private afterBlanks(text: string, from: number): number {
    let at = from;
    while ((text[at] === ' ' || text[at] === '\t') && text[at] !== this.separator) at++;
    return at;
  }

  /**
   * `letter` when a field over several lines holds rows, as from a caption that begins with a quote to the next that has one: each line
   * but its first has all separators of a row, which are tabs, or others beside the name of an image.
   */
  private swallowing(text: string, from: number, end: number, isLast: boolean): 'cut' | 'letter' | null {
    if (this.columns < 2 || !hasLineEnd(text, from, end)) return null;
    const [, ...inside] = text.slice(from, end).split(/\r\n|\r|\n/);
    if (!inside.every((line) => line.includes(this.separator))) return null;
    const rest = text.slice(end).search(/[\r\n]/);
    if (rest < 0 && !isLast) return 'cut';
    inside.push(inside.pop()! + text.slice(end, rest < 0 ? undefined : end + rest));
    const areRows = inside.every((line) => {
      const fields = line.split(this.separator);
      const isRow = this.separator === '\t' || fields.some((field) => imageName.test(field.trim()));
      return isRow && fields.length === this.columns;
    });
    return areRows ? 'letter' : null;
  }
}

function isLineEnd(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 10 || code === 13;
}

function hasLineEnd(text: string, from: number, end: number): boolean {
  for (let at = from; at < end; at++) if (isLineEnd(text, at)) return true;
  return false;
}

/** Whether an odd number of backslashes stands before the quote. */
function isEscaped(text: string, at: number, from: number): boolean {
  let before = at;
  while (before > from && text[before - 1] === '\\') before--;
  return (at - before) % 2 === 1;
}
