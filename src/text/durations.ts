import { t } from './say.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/**
 * A span of time: `350 ms`, `45 s`, `3 min 20 s`, `1 h 12 m`, `2 d 4 h`. It is as exact as `resolution` (ms), by default a tenth of the span:
 * `12 min`, not `12 min 20 s`.
 */
export function duration(ms: number, resolution = Math.abs(ms) / 10): string {
  if (!Number.isFinite(ms)) return '–';
  if (ms < 0) return `−${duration(-ms, resolution)}`;
  if (ms > 0 && ms < 999.5) return t('{0} ms', Math.round(ms));
  const unit = [second, minute, hour].findLast((each) => each <= Math.min(resolution, ms)) ?? second;
  // Rounded before its form is chosen: 59.6 s is a minute.
  const span = Math.round(ms / unit) * unit;
  const [large, small] = span < hour ? [minute, second] : span < 2 * day ? [hour, minute] : [day, hour];
  if (span < minute) return t('{0} s', span / second);
  const [whole, rest] = [Math.floor(span / large), Math.floor((span % large) / small)];
  if (large === minute) return rest ? t('{0} min {1} s', whole, rest) : t('{0} min', whole);
  if (large === hour) return rest ? t('{0} h {1} m', whole, rest) : t('{0} h', whole);
  return rest ? t('{0} d {1} h', whole, rest) : t('{0} d', whole);
}

/** What is left of a run is an estimate: no finer than minutes, as long as there are any. */
export const timeLeft = (ms: number): string => t('{0} left', duration(ms, Math.max(minute, ms / 10)));
