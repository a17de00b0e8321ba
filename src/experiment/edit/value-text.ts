import { parseDocument } from 'yaml';
import { yamlText } from './yaml-text.ts';

/**
 * A value's text that reads as the same value wherever it is put: on one line, in lines or in brackets. Text that already does stays as it is
 * (`2e-5`, `"a"`, `[1, 2]`); other YAML is written anew; what is no YAML is taken as text and quoted.
 */
export function safeText(yaml: string): string {
  const text = yaml.trim();
  if (text === '') return '""';
  const value = valueOf(text);
  if (value === undefined) return JSON.stringify(text);
  const isOneLine = !/[\r\n\t\u0085\u2028\u2029]/.test(text);
  const same = JSON.stringify(value);
  if (
    isOneLine &&
    JSON.stringify(valueOf(`[${text}]`)) === `[${same}]` &&
    JSON.stringify(valueOf(`{ a: ${text} }`)) === `{"a":${same}}`
  )
    return text;
  return yamlText(value);
}

/** What short texts read as: quick fixes ask for the same few again and again. */
const known = new Map<string, unknown>();
const mostKnown = 500;

/** Value of a YAML text; undefined when it is none. */
export function valueOf(text: string): unknown {
  if (text.length > 40) return read(text);
  if (!known.has(text)) {
    if (known.size >= mostKnown) known.clear();
    known.set(text, read(text));
  }
  return known.get(text);
}

function read(text: string): unknown {
  try {
    const document = parseDocument(text, { logLevel: 'silent', prettyErrors: false });
    if (document.errors.length || document.warnings.length || /(^|[\s[{,:])[*&!]/.test(text))
      return aliasFree(text);
    return document.toJS() as unknown;
  } catch {
    // Nested too deeply or an alias that names nothing: no value.
    return undefined;
  }
}

/** Aliases, anchors and tags only mean something in their file: a text that holds one outside quotes is no value of its own. */
function aliasFree(text: string): unknown {
  const document = parseDocument(text, { logLevel: 'silent', prettyErrors: false });
  if (document.errors.length || document.warnings.length) return undefined;
  const bare = text.replace(/"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/g, '""');
  return /(^|[\s[{,:])[*&!]/.test(bare) ? undefined : (document.toJS() as unknown);
}
