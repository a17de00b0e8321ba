import { t } from '../../text/say.ts';

/** Where a text stops being JSON. */
export class JsonFault extends Error {
  constructor(
    readonly line: number,
    readonly column: number,
    /** It ends before the value does. */
    readonly isCut: boolean,
  ) {
    super(t('not JSON: {0}line {1}, column {2}', isCut ? t('it ends too early, ') : '', line, column));
  }
}

/** The value of a JSON text; NaN and Infinity, which Python writes and JSON does not know, are read as null. Throws JsonFault. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const plain = withoutNaN(text);
    if (plain === text) throw faultOf(text, error);
    try {
      return JSON.parse(plain);
    } catch (other) {
      throw faultOf(text, other);
    }
  }
}

/** `null` in the place of each such value outside of texts, as long as the value, so that positions stay. */
function withoutNaN(text: string): string {
  if (!/NaN|Infinity/.test(text)) return text;
  return text.replace(/"(?:[^"\\]|\\[^])*"|-?\b(?:NaN|Infinity)\b/g, (part) =>
    part.startsWith('"') ? part : 'null'.padEnd(part.length),
  );
}

function faultOf(text: string, error: unknown): JsonFault {
  const position = placeOf(text, error);
  const before = text.slice(0, position).split('\n');
  return new JsonFault(before.length, before.at(-1)!.length + 1, position >= text.length);
}

/**
 * Where the parser stopped. Of many faults Node shows some letters around the place and not the place itself: it is then the end of
 * the longest beginning that only ends too early.
 */
function placeOf(text: string, error: unknown): number {
  const said = /position (\d+)/.exec(String(error))?.[1];
  if (said !== undefined) return Number(said);
  if (endsEarly(error, text)) return text.length;
  let good = 0;
  let bad = text.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    try {
      JSON.parse(text.slice(0, middle));
      good = middle;
    } catch (shorter) {
      if (endsEarly(shorter, text.slice(0, middle))) good = middle;
      else bad = middle;
    }
  }
  return good;
}

function endsEarly(error: unknown, text: string): boolean {
  return /end of JSON|Unterminated/.test(String(error)) || String(error).includes(`position ${text.length}`);
}
