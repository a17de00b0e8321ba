import { t } from './say.ts';

/**
 * A span of time in two units at most: `350 ms`, `45 s`, `3 min`, `3 min 20 s`, `1 h 12 m`, `2 d 4 h`. Seconds beside minutes are shown
 * where `resolution` (ms) is finer than a minute; by default it is a tenth of the span.
 */
export function duration(ms: number, resolution = Math.abs(ms) / 10): string {
  if (!Number.isFinite(ms)) return '–';
  if (ms < 0) return `−${duration(-ms, resolution)}`;
  if (ms > 0 && ms < 999.5) return t('{0} ms', Math.round(ms));
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return t('{0} s', seconds);
  if (resolution < minuteMs && seconds < 3600) {
    const [minutes, rest] = parts(seconds, 60);
    return rest ? t('{0} min {1} s', minutes, rest) : t('{0} min', minutes);
  }
  const minutes = Math.round(ms / minuteMs);
  if (minutes < 60) return t('{0} min', minutes);
  if (minutes < 48 * 60) {
    const [hours, rest] = parts(minutes, 60);
    return rest ? t('{0} h {1} m', hours, rest) : t('{0} h', hours);
  }
  const [days, hours] = parts(Math.round(ms / (60 * minuteMs)), 24);
  return hours ? t('{0} d {1} h', days, hours) : t('{0} d', days);
}

/** What is left of a run is an estimate: no finer than minutes, as long as there are any. */
export const timeLeft = (ms: number): string => t('{0} left', duration(ms, minuteMs));

const minuteMs = 60_000;

const parts = (whole: number, size: number): [number, number] => [Math.floor(whole / size), whole % size];
