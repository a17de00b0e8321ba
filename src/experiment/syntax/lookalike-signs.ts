import { Lexer } from 'yaml';
import { t } from '../../text/say.ts';

/** A sign that looks like one of YAML's, or like nothing. */
export interface Lookalike {
  start: number;
  end: number;
  /** What it is, in words. */
  name: string;
  /** What is meant; empty for signs without width. */
  twin: string;
}

const names = new Map<string, [name: () => string, twin: string]>();
const dashes = '\u2010\u2011\u2012\u2013\u2014\u2015\u2212';
const add = (signs: string, name: () => string, twin: string) => {
  for (const sign of signs) names.set(sign, [name, twin]);
};
add('\u00a0', () => t('no-break space'), ' ');
add('\u202f', () => t('narrow no-break space'), ' ');
add('\u3000', () => t('full-width space'), ' ');
add(
  '\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u205f',
  () => t('typographic space'),
  ' ',
);
add('\u200b', () => t('zero-width space'), '');
add('\u200c\u200d\u2060', () => t('zero-width joiner'), '');
add('\ufeff', () => t('byte order mark in the text'), '');
add('\u00ad', () => t('soft hyphen'), '');
add(
  '\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069',
  () => t('mark of writing direction'),
  '',
);
add('\uff1a\ufe55', () => t('full-width colon'), ':');
add('\u2236\ua789\u02d0\u0589', () => t('sign like a colon'), ':');
add('\uff0c\ufe50\u3001', () => t('full-width comma'), ',');
add('\u201a', () => t('sign like a comma'), ',');
add('\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033', () => t('typographic quote'), '"');
add('\u2018\u2019\u201b\u2032\u00b4', () => t('typographic quote'), "'");
add(dashes, () => t('typographic dash'), '-');
add('\u3010\u3014', () => t('full-width bracket'), '[');
add('\u3011\u3015', () => t('full-width bracket'), ']');
/** Letters of other alphabets that look like Latin ones, each followed by its twin. */
const letters: [name: (twin: string) => string, pairs: string][] = [
  [(twin) => t('Cyrillic letter that looks like {0}', twin), 'аaеeоoрpсcхxуyіiѕsјjԁdһhԛqԝw'],
  [(twin) => t('Greek letter that looks like {0}', twin), 'αaοoνvιiρp'],
];
for (const [alphabet, pairs] of letters)
  for (let at = 0; at < pairs.length; at += 2)
    add(pairs[at]!, () => alphabet(pairs[at + 1]!), pairs[at + 1]!);
function fullWidth(twin: string): string {
  if (twin === '#') return t('full-width hash');
  if (/[[\]]/.test(twin)) return t('full-width bracket');
  if (/[{}]/.test(twin)) return t('full-width brace');
  if (/\d/.test(twin)) return t('full-width digit');
  return /[a-z]/i.test(twin) ? t('full-width letter') : t('full-width sign');
}
for (let code = 0xff01; code <= 0xff5e; code++) {
  const twin = String.fromCharCode(code - 0xfee0);
  if (!names.has(String.fromCharCode(code))) add(String.fromCharCode(code), () => fullWidth(twin), twin);
}

const any = new RegExp(`[${[...names.keys()].join('')}]`, 'g');

/** Signs of a text that look like others, where they may mean something: outside quoted texts, texts in lines and comments. */
export function lookalikes(text: string): Lookalike[] {
  if (text.search(any) < 0) return [];
  const found: Lookalike[] = [];
  let at = 0;
  let [isHeader, isText] = [false, false];
  for (const lexeme of new Lexer().lex(text)) {
    // Marks of the lexer, which do not stand in the text; the last comes before a plain value or a text in lines.
    if (/^[\u0002\u0018\u001f]$/.test(lexeme) && text[at] !== lexeme) {
      if (lexeme === '\u001f') isText = isHeader;
      continue;
    }
    if (!isText && !/^["'#]/.test(lexeme))
      for (const { 0: sign, index } of lexeme.matchAll(any)) {
        const [name, twin] = names.get(sign)!;
        const start = at + index;
        const isMark = start === 0 && sign === '\ufeff';
        // Inside a number the number's own problem says what to write.
        const isInside =
          dashes.includes(sign) && !/^[ \t]*$/.test(text.slice(text.lastIndexOf('\n', start) + 1, start));
        if (!isMark && !isInside) found.push({ start, end: start + 1, name: name(), twin });
      }
    if (isText) [isHeader, isText] = [false, false];
    if (/^[|>][-+\d]*$/.test(lexeme)) isHeader = true;
    at += lexeme.length;
  }
  return found;
}
