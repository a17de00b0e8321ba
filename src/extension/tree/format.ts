import { t } from '../say.ts';

/** `12 s`, `3 min`, `1 h 12 min`, `2 d 4 h`: two units at most. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return t('{0} s', seconds);
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return t('{0} min', minutes);
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 ? t('{0} h {1} min', hours, minutes % 60) : t('{0} h', hours);
  return t('{0} d {1} h', Math.floor(hours / 24), hours % 24);
}

/** A metric's value in few characters: 2.31, 0.384, 1.2e-5, 12,400; NaN and infinities as such. */
export function formatMetric(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(2).replace('e+', 'e');
  if (size >= 1000) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toFixed(size < 1 ? 3 : 2)));
}

/** 1852 -> 1,852. */
export const formatCount = (value: number): string => value.toLocaleString('en-US');
