import { exactNumber } from '../../text/numbers.ts';

/** A span of time as a person says it: 42 s, 3 min 5 s, 2 h 10 min. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

/** A count with its noun: 1 run, 3 runs. */
export function count(amount: number, noun: string): string {
  return `${amount.toLocaleString('en-US')} ${noun}${amount === 1 ? '' : 's'}`;
}

/** A metric's value in few digits; NaN and infinities by name. */
export function brief(value: number | undefined): string {
  if (value === undefined) return '-';
  if (!Number.isFinite(value)) return String(value);
  return Math.abs(value) >= 100
    ? value.toFixed(1)
    : Math.abs(value) >= 0.001 || value === 0
      ? value.toFixed(3)
      : value.toExponential(1);
}

/** Settings in one line, each by the last part of its key that tells it: "learning_rate.image 0.001, seed 2". */
export function settingsInWords(settings: Record<string, unknown>): string {
  return Object.entries(settings)
    .map(([key, value]) => `${key.split('.').slice(-2).join('.')} ${valueInWords(value)}`)
    .join(', ');
}

/** A setting's value as a YAML file would have it. */
export function valueInWords(value: unknown): string {
  if (typeof value === 'number') return exactNumber(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}
