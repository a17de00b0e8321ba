/**
 * A setting's number as a reader types it, and exact: it reads back as the same double. Below 0.01 with an exponent (`5e-3`, `2e-5`),
 * from there on plain (`0.05`, `300000`); from ten million on with an exponent where that is shorter (`1e7`, but `12345678`).
 * The names of what is not finite are YAML's.
 */
export function numberText(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value < 0 ? '-.inf' : '.inf';
  const size = Math.abs(value);
  if (size === 0) return '0';
  const exponential = value.toExponential().replace('e+', 'e');
  if (size < smallest) return exponential;
  const plain = String(value);
  return size >= 1e7 && exponential.length < plain.length ? exponential : plain;
}

/** Below it, numbers are read more easily with an exponent. */
const smallest = 0.01;

/**
 * A measured number in three significant digits: `2.31`, `0.384`, `12.4k`, `3.5M`, `5e-3`. On an axis, `step` is the distance of two
 * ticks: as many digits are kept as tell neighbours apart. `–` where there is no number.
 */
export function shortNumber(value: number | null | undefined, step?: number): string {
  if (value === null || value === undefined) return '–';
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '−∞';
  // Rounded before its form is chosen: 0.00999996 is 0.01, and 999.9 with three digits is 1k.
  const shown = step ? value : rounded(value, 3);
  const size = Math.abs(shown);
  if (size === 0) return '0';
  const digits = step ? Math.max(1, Math.ceil(Math.log10(size / step) - 1e-9) + 1) : 3;
  if (size < smallest || size >= 1e9) return withoutZeros(shown.toExponential(Math.min(digits, 12) - 1));
  const [unit, sign] = size >= 1e6 ? [1e6, 'M'] : size >= 1e3 ? [1e3, 'k'] : [1, ''];
  const decimals = step
    ? Math.max(0, Math.ceil(-Math.log10(step / unit) - 1e-9))
    : Math.max(0, digits - 1 - Math.floor(Math.log10(size / unit)));
  const text = (shown / unit).toFixed(Math.min(decimals, 12));
  return (text.includes('.') ? text.replace(/\.?0+$/, '') : text) + sign;
}

const withoutZeros = (text: string): string => text.replace(/\.?0+e/, 'e').replace('e+', 'e');

/** A measured number where it is looked up: seven significant digits (all that a 32-bit float holds), without trailing zeros. */
export function exactNumber(value: number): string {
  if (!Number.isFinite(value)) return shortNumber(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < smallest || size >= 1e15)) return withoutZeros(value.toExponential(6));
  return String(rounded(value, size >= 1e7 ? 15 : 7));
}

/** A measured value for a sentence: as many decimals as its spread has two digits of, `0.383` with 0.021. */
export function measured(value: number, spread: number | null): string {
  if (!Number.isFinite(value) || !spread || !Number.isFinite(spread)) return shortNumber(value);
  const decimals = Math.min(12, Math.max(0, 1 - Math.floor(Math.log10(spread))));
  return value.toFixed(decimals);
}

/** The value in so many significant digits: 0.0123 in two is 0.012. */
export const rounded = (value: number, digits: number): number => Number(value.toPrecision(digits));

/** A share as percent: `18%`, `0.4%`. */
export function percent(share: number): string {
  if (!Number.isFinite(share)) return '–';
  const value = share * 100;
  return `${Math.abs(value) >= 10 ? Math.round(value) : rounded(value, 2)}%`;
}

/** Made at the first count: the first one of a process reads the tables of languages, which takes milliseconds. */
let english: Intl.NumberFormat | undefined;

/** A count: `1,852`. */
export const counted = (value: number): string => (english ??= new Intl.NumberFormat('en')).format(value);

/** Bytes in decimal units, as drives and downloads are labelled: `3.1 GB`, `420 kB`, `0 B`. */
export function byteSize(bytes: number): string {
  const { size, unit } = inUnit(bytes);
  return `${rounded(size, size < 10 && unit > 0 ? 2 : 3)} ${byteUnits[unit]}`;
}

/** The same for the tick of an axis, `step` bytes from the next. */
export function byteTick(bytes: number, step: number): string {
  const { size, unit } = inUnit(bytes);
  return `${shortNumber(size, step / 1000 ** unit)} ${byteUnits[unit]}`;
}

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB'];

function inUnit(bytes: number): { size: number; unit: number } {
  let size = bytes;
  let unit = 0;
  // 999.5 of a unit would be shown as 1000 of it.
  while (size >= 999.5 && unit < byteUnits.length - 1) {
    size /= 1000;
    unit++;
  }
  return { size, unit };
}
