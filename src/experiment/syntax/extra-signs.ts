import { settings } from '../schema/settings.ts';
import { lineAt, lineEnd, type Source } from '../document/source.ts';
import { lineFrom, textEnd, type Found } from './place.ts';
import { t } from '../../text/say.ts';

/** Something that stands behind a value that has ended: after a closing quote or bracket, or on a line further out than the first key. */
export function afterValue(source: Source, at: number): Found {
  const { text } = source;
  const lineStart = source.lineStarts[lineAt(source, at)]!;
  const range = lineFrom(source, at);
  const before = text.slice(lineStart, at);
  if (/^\s*$/.test(before))
    return {
      code: 'yaml_indent',
      message: t(
        'This line is indented less than the first key; start all top-level keys in the same column.',
      ),
      ...range,
    };
  const sign = before.trimEnd().at(-1) ?? '';
  if (!/["']/.test(sign))
    return {
      code: 'yaml_syntax',
      message: t(
        'The value has ended with {0}; a comma or a line break is missing, or this does not belong here.',
        sign,
      ),
      ...range,
    };
  // The value from its opening quote on, up to the end of what was meant; a quote at the very end closes what was meant to be inside.
  const start = lineStart + (/^[^"']*[:[{,-]\s+(?=["'])|^\s*(?=["'])/.exec(before)?.[0].length ?? 0);
  const meant = text.slice(start, range.end);
  const inside = meant.slice(1).replace(new RegExp(`${sign}$`), '');
  const quoted = JSON.stringify(meant.endsWith(sign) ? inside : inside.replaceAll(sign, ''));
  return {
    code: 'yaml_quote',
    message: t(
      'The quoted text has ended before this; write the whole value in one pair of quotes: {0}.',
      quoted,
    ),
    ...range,
    fixes: [
      { title: t('Write {0}', quoted), edits: [{ start, end: range.end, text: quoted }] },
      {
        title: t('Remove it'),
        edits: [{ start: lineStart + before.trimEnd().length, end: range.end, text: '' }],
      },
    ],
  };
}

/** A closing bracket without an opening one. */
export function closesNothing(source: Source, at: number): Found {
  const sign = source.text[at]!;
  return {
    code: 'yaml_bracket',
    message: t('This {0} closes nothing: there is one too many.', sign),
    start: at,
    end: at + 1,
    fixes: [{ title: t('Remove {0}', sign), edits: [{ start: at, end: at + 1, text: '' }] }],
  };
}

/** A comma with nothing before it. */
export function emptyItem(source: Source, at: number): Found {
  const isComma = source.text[at] === ',';
  const length = /^,[ \t]*/.exec(source.text.slice(at))?.[0].length ?? 0;
  return {
    code: 'yaml_syntax',
    message: t('Nothing stands before this comma.'),
    start: at,
    end: at + 1,
    fixes: isComma
      ? [{ title: t('Remove the comma'), edits: [{ start: at, end: at + length, text: '' }] }]
      : [],
  };
}

/** Two entries in brackets without a comma between them: `{ a: 1; b: 2 }`. */
export function commaMissing(source: Source, start: number, end: number): Found {
  const until = Math.min(textEnd(source, start), Math.max(end, start + 1));
  const written = source.text.slice(start, until).trimEnd();
  const semicolon = written.indexOf(';');
  const at = start + semicolon;
  return {
    code: 'yaml_syntax',
    message: t(
      'A second colon stands in this value; put a comma between the entries, or the value in quotes.',
    ),
    start,
    end: start + written.length,
    fixes:
      semicolon >= 0
        ? [{ title: t('Change ; to ,'), edits: [{ start: at, end: at + 1, text: ',' }] }]
        : [
            {
              title: t('Write it in quotes'),
              edits: [{ start, end: start + written.length, text: JSON.stringify(written) }],
            },
          ],
  };
}

/** A list item on its key's line: `seeds: - 1`. */
export function dashOnLine(source: Source, at: number): Found {
  const end = textEnd(source, at);
  const item = source.text.slice(at, end).replace(/^-\s*/, '');
  return {
    code: 'yaml_syntax',
    message: t('A list item cannot stand on the line of its key; write [{0}].', item),
    start: at,
    end,
    fixes:
      item === '' ? [] : [{ title: t('Write [{0}]', item), edits: [{ start: at, end, text: `[${item}]` }] }],
  };
}

const names = new Set([...settings.keys()].flatMap((path) => path.split('.')));

/** Two keys on a line: `loss: temperature: 0.1` is meant to be a map, `name: emoji: v2` a text. */
export function twoKeys(source: Source, start: number): Found {
  const end = Math.min(textEnd(source, start), lineEnd(source, lineAt(source, start)));
  const written = source.text.slice(start, end);
  const isMap = names.has(/^[\w.-]+/.exec(written)?.[0] ?? '');
  const text = isMap ? `{ ${written} }` : JSON.stringify(written);
  return {
    code: 'yaml_syntax',
    message: t(
      'A key cannot stand behind another key’s colon on the same line; {0}.',
      isMap ? t('put it on a line of its own or in { }') : t('a text with a colon needs quotes: {0}', text),
    ),
    start,
    end,
    fixes: [{ title: t('Write {0}', text), edits: [{ start, end, text }] }],
  };
}
