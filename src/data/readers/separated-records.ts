import { QuotedFields } from './quoted-fields.ts';

const quoteCode = 34;
const feedCode = 10;
const returnCode = 13;
/** A record longer than this (UTF-16 units) is none: most often a quote that never closes. */
const longestRecord = 1 << 22;

export interface SeparatedRecord {
  fields: string[];
  /** 1-based line of the file that the record begins in. */
  line: number;
  /** `quote`: the quote that opens a field is never closed; the line is then split without quotes. `length`: a line without an end. */
  fault: 'quote' | 'length' | null;
}

/**
 * Splits text into records as RFC 4180 does: fields in quotes may hold separators, line ends and doubled quotes; a quote inside a field
 * that does not begin with one is a letter. Lines end with LF, CRLF or CR; blank lines are left out. Captions are no such fields when
 * they only begin with a quote (see `QuotedFields`). Why this is no package: docs/decisions/0011.
 */
export class SeparatedRecords {
  private rest = '';
  private line = 1;
  /** Within a line that was given up. */
  private isPassing = false;
  private readonly quoted: QuotedFields;

  constructor(private readonly separator: string) {
    this.quoted = new QuotedFields(separator);
  }

  /** The records that the next chunk of text completes; `isLast` completes what is left. */
  take(chunk: string, isLast: boolean): SeparatedRecord[] {
    const text = this.rest + chunk;
    const records: SeparatedRecord[] = [];
    let at = this.isPassing ? this.passLine(text, isLast) : 0;
    while (at < text.length && !this.isPassing) {
      const record: SeparatedRecord = { fields: [], line: this.line, fault: null };
      const giveUp = isLast || text.length - at > longestRecord;
      let next = this.record(text, at, record, isLast, true);
      if (next < 0 && giveUp) {
        record.fields = [];
        next = this.record(text, at, record, isLast, false);
        // Between tabs a quote is most often a letter; between commas the line may have had more fields or lines.
        const isWhole = this.separator === '\t' && record.fields.length === this.quoted.columns;
        record.fault = isWhole ? null : 'quote';
      }
      if (next < 0 && giveUp) {
        record.fields = [];
        record.fault = 'length';
        records.push(record);
        this.isPassing = true;
        at = text.length;
        break;
      }
      if (next < 0) break;
      this.line += record.line;
      record.line = this.line - record.line;
      at = next;
      if (record.fields.length > 1 || record.fields[0] !== '') {
        this.quoted.columns ||= record.fields.length;
        records.push(record);
      }
    }
    this.rest = text.slice(at);
    return records;
  }

  /** Where the next line begins, when the text has the end of the one that was given up; else the text's end. */
  private passLine(text: string, isLast: boolean): number {
    const end = text.search(/[\r\n]/);
    if (end < 0) return text.length;
    // Whether a line feed follows is in the next chunk.
    if (text[end] === '\r' && end + 1 === text.length && !isLast) return end;
    this.isPassing = false;
    this.line++;
    return end + (text[end] === '\r' && text[end + 1] === '\n' ? 2 : 1);
  }

  /**
   * Reads the record at `at` and returns where the next begins, or -1 when the text ends within it.
   * `record.line` becomes the number of line ends passed.
   */
  private record(
    text: string,
    at: number,
    record: SeparatedRecord,
    isLast: boolean,
    quotes: boolean,
  ): number {
    const { separator } = this;
    const separatorCode = separator.charCodeAt(0);
    let lines = 0;
    for (;;) {
      let value = '';
      let start = at;
      if (quotes && text.charCodeAt(at) === quoteCode) {
        const end = this.quoted.end(text, at + 1, isLast);
        if (end === 'cut') return -1;
        if (end !== 'letter') {
          const inside = text.slice(at + 1, end);
          lines += lineEnds(inside);
          value = this.quoted.value(inside);
          start = at = end + 1;
        }
      }
      let code = 0;
      for (; at < text.length; at++) {
        code = text.charCodeAt(at);
        if (code === feedCode || code === returnCode) break;
        if (code === separatorCode && (separator.length === 1 || text.startsWith(separator, at))) break;
      }
      if (at >= text.length && !isLast) return -1;
      record.fields.push(start === at ? value : value + text.slice(start, at));
      if (at >= text.length) {
        record.line = lines;
        return at;
      }
      if (code === feedCode || code === returnCode) {
        if (code === returnCode && at + 1 === text.length && !isLast) return -1;
        record.line = lines + 1;
        return at + (code === returnCode && text.charCodeAt(at + 1) === feedCode ? 2 : 1);
      }
      at += separator.length;
    }
  }
}

function lineEnds(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === feedCode || (code === returnCode && text.charCodeAt(i + 1) !== feedCode)) count++;
  }
  return count;
}
