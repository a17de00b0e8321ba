import { numberText } from '../../text/numbers.ts';

/**
 * A value as YAML on one line that reads back as the same value in block and in flow context, under YAML 1.2 and 1.1.
 * Small and large numbers are written as people write rates (`2e-5`); texts are quoted only when they must be.
 */
export function yamlText(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return numberText(value);
  if (Array.isArray(value)) return `[${value.map(yamlText).join(', ')}]`;
  if (typeof value === 'object') {
    const entries = Object.entries(value).map(([name, item]) => `${yamlText(name)}: ${yamlText(item)}`);
    return entries.length ? `{ ${entries.join(', ')} }` : '{}';
  }
  return stringText(String(value));
}

/** `2e-5` and `100 steps` need no quotes; what YAML 1.1 or 1.2 would read as something else than text does. */
function stringText(text: string): string {
  const plain =
    /^[\p{L}_./~][\p{L}\p{N}\p{M}_./@+~-]*(?: (?:[\p{L}\p{N}_./@+~-]+))*$/u.test(text) ||
    /^\d+(\.\d+)?(%| [a-z]+)$/.test(text);
  return plain && !readsAsOther.test(text)
    ? text
    : JSON.stringify(text).replace(/[\u0080-\u009f\u2028\u2029\ufeff]/g, escape);
}

const readsAsOther =
  /^(?:~|null|true|false|y|n|yes|no|on|off|\.nan|[-+]?\.inf|[-+]?[.\d][\d_,.]*(?:e[-+]?\d+)?|\.{3})$/i;

const escape = (sign: string): string => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
