/**
 * A number for an axis: short, `1e-3`, `0.05`, `12k`, `3.5M`. `step` is the distance of two ticks: as many digits are kept as tell
 * neighbours apart; without it three significant ones.
 */
export function shortNumber(value: number, step?: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '−∞';
  if (value === 0) return '0';
  const size = Math.abs(value);
  const digits = step ? Math.max(1, Math.ceil(Math.log10(size / step) - 1e-9) + 1) : 3;
  if (size < 0.01 || size >= 1e9) return withoutZeros(value.toExponential(Math.min(digits, 12) - 1));
  const [unit, sign] = size >= 1e6 ? [1e6, 'M'] : size >= 1e3 ? [1e3, 'k'] : [1, ''];
  const decimals = step
    ? Math.max(0, Math.ceil(-Math.log10(step / unit) - 1e-9))
    : Math.max(0, digits - 1 - Math.floor(Math.log10(size / unit)));
  const text = (value / unit).toFixed(Math.min(decimals, 12));
  return (text.includes('.') ? text.replace(/\.?0+$/, '') : text) + sign;
}

const withoutZeros = (text: string): string => text.replace(/\.?0+e/, 'e').replace(/e\+?(-?)0*(\d)/, 'e$1$2');

/** A number for a legend or a table: seven significant digits (all that a 32-bit float holds), without trailing zeros. */
export function exactNumber(value: number): string {
  if (!Number.isFinite(value)) return shortNumber(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e15)) return withoutZeros(value.toExponential(6));
  return String(Number(value.toPrecision(size >= 1e7 ? 15 : 7)));
}

/** A measured value for a sentence: as many decimals as its spread has two digits of, `0.383` with 0.021. */
export function measured(value: number, spread: number | null): string {
  if (!Number.isFinite(value)) return shortNumber(value);
  if (!spread || !Number.isFinite(spread)) return String(Number(value.toPrecision(3)));
  const decimals = Math.min(12, Math.max(0, 1 - Math.floor(Math.log10(spread))));
  return value.toFixed(decimals);
}

/** `1 h 12 m`, `3 m 20 s`, `12 s`, `350 ms`; days above 48 hours. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return '–';
  if (ms < 0) return `−${duration(-ms)}`;
  if (ms < 1000) return ms === 0 ? '0 s' : `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const parts: [number, string, number, string] =
    seconds < 3600 ? [60, 'm', 1, 's'] : seconds < 172_800 ? [3600, 'h', 60, 'm'] : [86_400, 'd', 3600, 'h'];
  const [large, largeName, small, smallName] = parts;
  const rest = Math.floor((seconds % large) / small);
  return `${Math.floor(seconds / large)} ${largeName}${rest ? ` ${rest} ${smallName}` : ''}`;
}

/** A share as percent: `18%`, `0.4%`. */
export function percent(share: number): string {
  if (!Number.isFinite(share)) return '–';
  const value = share * 100;
  return `${Number(Math.abs(value) >= 10 ? value.toFixed(0) : value.toPrecision(2))}%`;
}

const english = new Intl.NumberFormat('en');

/** `1,852`. */
export const counted = (value: number): string => english.format(value);
