import { listed, shortened } from '../../text/words.ts';
import { t } from '../../text/say.ts';

/** The captions that a value holds, trimmed, and what is wrong with the rest of it. */
export interface Captions {
  texts: string[];
  faults: string[];
}

/** Takes a text, a number, or a list of such. What is no text is a fault: nothing is trained on that its writer did not mean as a caption. */
export function captionsOf(value: unknown): Captions {
  if (Array.isArray(value)) return captionsOfList(value);
  if (typeof value === 'string' && value.startsWith('[')) return captionsOfWrittenList(value.trim());
  const fault = captionFault(value);
  return fault === null ? { texts: [textOf(value)], faults: [] } : { texts: [], faults: [fault] };
}

/** A trimmed text; numbers count as texts, all else as none. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : '';
}

/** As many words in a list make it a caption cut into words, not several captions of one word. */
const wordsOfCaption = 3;

function captionsOfList(values: unknown[]): Captions {
  if (values.length === 0) return { texts: [], faults: [t('no caption: its list is empty')] };
  if (values.length >= wordsOfCaption && values.every(isWord))
    return {
      texts: [],
      faults: [
        t('the caption is a list of {0} words, which is not joined: write it as one text', values.length),
      ],
    };
  const captions: Captions = { texts: [], faults: [] };
  for (const [index, value] of values.entries()) {
    const fault = captionFault(value);
    if (fault === null) captions.texts.push(textOf(value));
    else
      captions.faults.push(values.length === 1 ? fault : t('{0} (number {1} of its list)', fault, index + 1));
  }
  return captions;
}

/** A list in one cell, as JSON; Python's way of writing it cannot be told from a text with certainty. */
function captionsOfWrittenList(text: string): Captions {
  if (/^\[\s*"/.test(text) && text.endsWith(']'))
    try {
      return captionsOfList(JSON.parse(text) as unknown[]);
    } catch {
      // A caption that happens to begin and end like a list.
    }
  if (/^\[\s*'[^]*'\s*\]$/.test(text))
    return {
      texts: [],
      faults: [t('the caption is a list as Python prints it: write it as JSON or as rows')],
    };
  const fault = captionFault(text);
  return fault === null ? { texts: [text], faults: [] } : { texts: [], faults: [fault] };
}

const isWord = (value: unknown): boolean => typeof value === 'string' && /^[^\s\p{Lo}]+$/u.test(value.trim());

/** Signs that leave nothing on the page: spaces of all kinds, zero-width and control signs, the blank of braille. */
const invisible = /^[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]*$/u;
const lastOfAscii = 127;

function captionFault(value: unknown): string | null {
  if (value === null || value === undefined) return t('no caption');
  if (typeof value === 'object' || typeof value === 'boolean')
    return t('the caption is {0}, not a text', named(value));
  const text = textOf(value);
  if (text === '') return t('no caption');
  if (text.includes('\ufffd')) return t('the caption has bytes that are not UTF-8: save the file as UTF-8');
  // Only what begins outside ASCII can be made of such signs alone, or begins with a control sign.
  const first = text.charCodeAt(0);
  if ((first > lastOfAscii || first < 32) && invisible.test(text))
    return t('no caption: it has only signs that cannot be seen');
  return null;
}

function named(value: object | boolean): string {
  if (typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return 'a list';
  const keys = Object.keys(value)
    .slice(0, 5)
    .map((key) => shortened(key, 30));
  return keys.length === 0 ? t('an empty object') : t('an object with {0}', listed(keys));
}
