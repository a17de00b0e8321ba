import { rounded } from '../../text/numbers.ts';
import { yamlText } from '../edit/yaml-text.ts';
import type { Setting } from '../schema/settings.ts';

/** Most values that a range is written out as. */
const mostValues = 8;

/**
 * The values that a range stands for (`1e-5..1e-3`, `32 to 256`), as a list: by factors where it spans one of four or more, whole numbers by powers
 * of two where both ends are, else in equal steps. null: it is no range, or the setting does not take its values.
 */
export function spacedValues(written: string, setting: Setting): string[] | null {
  const number = '([-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:e[-+]?\\d+)?)';
  const match = new RegExp(`^\\W*?${number}\\s*(?:\\.{2,3}|…|to|bis|–|:|~|->)\\s*${number}\\W*$`, 'i').exec(
    written,
  );
  if (!match) return null;
  const ends = [Number(match[1]), Number(match[2])];
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  if (!(low < high) || !Number.isFinite(high)) return null;
  const isWhole = setting.wants === 'whole';
  const values = isWhole
    ? wholes(low, high)
    : low > 0 && high / low >= 4
      ? byFactor(low, high)
      : steps(low, high, 3);
  const fits =
    values.length <= mostValues && values.every((value) => setting.schema.safeParse(value).success);
  return fits ? values.map(yamlText) : null;
}

function wholes(low: number, high: number): number[] {
  const isPower = (value: number) => value >= 2 && Number.isInteger(Math.log2(value));
  if (isPower(low) && isPower(high)) return powers(low, high, 2);
  const all = Array.from({ length: Math.min(high - low + 1, mostValues + 1) }, (_, index) => low + index);
  return all.length <= mostValues ? all : [...new Set(steps(low, high, 5).map(Math.round))];
}

/** Powers of ten, or below two of them the middle one in one digit. */
function byFactor(low: number, high: number): number[] {
  return high / low >= 99 ? powers(low, high, 10) : [low, rounded(Math.sqrt(low * high), 1), high];
}

/** From `low` to `high` by a factor; the last is `high`. */
function powers(low: number, high: number, factor: number): number[] {
  const count = Math.round(Math.log(high / low) / Math.log(factor));
  const values = Array.from({ length: count }, (_, index) => rounded(low * factor ** index, 6));
  return [...values, high];
}

function steps(low: number, high: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => rounded(low + ((high - low) * index) / (count - 1), 6));
}
