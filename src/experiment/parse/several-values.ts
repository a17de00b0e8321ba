import type { Setting } from '../schema/settings.ts';
import { spacedValues } from './spaced-values.ts';

/**
 * The values of a setting that takes one number where several are written (`32 64`, `1, 2`, `1e-4; 3e-4`, `32..256`), each as YAML; null where
 * the text is no such list. A comma between digits alone is a decimal one for a setting that need not be whole.
 */
export function severalValues(written: string, setting: Setting): string[] | null {
  if (setting.wants !== 'number' && setting.wants !== 'whole') return null;
  const text = written.trim();
  if (setting.wants === 'number' && /^\d+,\d+$/.test(text)) return null;
  const values = text.split(/[;,\s]+/).filter(Boolean);
  const fits = (value: string): boolean =>
    isPlainNumber.test(value) && setting.schema.safeParse(Number(value)).success;
  return values.length > 1 && values.every(fits) ? values : spacedValues(text, setting);
}

/** Without a zero before other digits: in `2,048` the comma groups digits. */
const isPlainNumber = /^[-+]?(?:(?:0|[1-9]\d*)\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i;
