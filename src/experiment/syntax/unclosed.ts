import { closingOf, type Unclosed } from '../document/unclosed.ts';
import { lineAt, type Source } from '../document/source.ts';
import { closesNothing } from './extra-signs.ts';
import { textEnd, type Found } from './place.ts';
import { t } from '../../text/say.ts';

/** The list or map in brackets that an error at `at` comes from. */
export function bracketProblem(
  source: Source,
  open: Unclosed[],
  at: number,
  here: { start: number; end: number },
): Found {
  const brackets = open.filter(({ sign, start }) => /[[{]/.test(sign) && start <= at);
  const innermost = brackets.at(-1);
  if (!innermost) {
    const sign = source.text[at] ?? '';
    return {
      code: 'yaml_indent',
      message: /[\]}]/.test(sign)
        ? t('The closing {0} must be indented further than the key that it belongs to.', sign)
        : t('The lines of a list or map in brackets must be indented further than its key.'),
      ...here,
    };
  }
  const closing = closingOf[innermost.sign];
  const found = source.text[at] ?? '';
  // Another kind of closing bracket, and none of its kind is open.
  if (/[\]}]/.test(found) && !brackets.some(({ sign }) => closingOf[sign] === found))
    return closesNothing(source, at);
  const line = lineAt(source, innermost.start);
  const end = textEnd(source, innermost.start);
  const place = Math.min(innermost.contentEnd, at);
  return {
    code: 'yaml_bracket',
    message: t(
      'The {0} that opens on line {1} is not closed; a {2} is missing.',
      innermost.sign === '[' ? t('list') : t('map'),
      line + 1,
      closing,
    ),
    start: innermost.start,
    end,
    fixes: [{ title: t('Insert {0}', closing), edits: [{ start: place, end: place, text: closing }] }],
  };
}

/** The quoted text that does not end. */
export function quoteProblem(source: Source, open: Unclosed[], at: number): Found {
  const quotes = open.filter(({ sign, start }) => /["']/.test(sign) && start < at);
  const start = Math.max(quotes.at(-1)?.start ?? source.text.lastIndexOf('"', at), 0);
  const sign = source.text[start] === "'" ? "'" : '"';
  const end = textEnd(source, start);
  return {
    code: 'yaml_quote',
    message: t(
      'The quoted text that starts on line {0} does not end; a {1} is missing.',
      lineAt(source, start) + 1,
      sign,
    ),
    start,
    end,
    fixes: [{ title: t('Insert {0}', sign), edits: [{ start: end, end, text: sign }] }],
  };
}
