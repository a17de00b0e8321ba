import { duration } from '../text/durations.ts';
import { shortNumber, rounded } from '../text/numbers.ts';

/** A number in words; `step` is the distance of two ticks. */
export type NumberText = (value: number, step?: number) => string;

export interface Tick {
  value: number;
  label: string;
}

/** Round numbers (1, 2 or 5 times a power of ten apart) inside [min, max], at most about `target` of them. */
export function linearTicks(
  min: number,
  max: number,
  target: number,
  text: NumberText = shortNumber,
): Tick[] {
  const span = max - min;
  if (!(span > 0) || !Number.isFinite(span)) return [{ value: min, label: text(min) }];
  const step = roundStep(span / Math.max(1, target));
  return multiples(min, max, step).map((value) => ({ value, label: text(value, step) }));
}

/** Powers of ten inside [min, max], with 2 and 5 times them where there is room; round numbers where the range is less than a decade. */
export function logTicks(min: number, max: number, target: number, text: NumberText = shortNumber): Tick[] {
  if (!(min > 0) || !(max > min)) return [];
  const decades = Math.log10(max / min);
  if (decades < 0.8) return linearTicks(min, max, target, text).filter(({ value }) => value > 0);
  const every = Math.max(1, Math.ceil(decades / target));
  const factors = decades * 3 <= target + 1 ? [1, 2, 5] : [1];
  const ticks: Tick[] = [];
  for (let power = Math.floor(Math.log10(min)); power <= Math.ceil(Math.log10(max)); power++) {
    if (power % every !== 0) continue;
    for (const factor of factors) {
      const value = Number(`${factor}e${power}`);
      if (value >= min * (1 - 1e-12) && value <= max * (1 + 1e-12))
        ticks.push({ value, label: text === shortNumber ? powerLabel(value) : text(value) });
    }
  }
  return ticks;
}

const powerLabel = (value: number): string =>
  value >= 0.01 && value < 1e9 ? shortNumber(value) : shortNumber(value, value);

const timeSteps = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
].map((seconds) => seconds * 1000);

/** Times since the start, in ms, at round minutes and hours. */
export function durationTicks(min: number, max: number, target: number): Tick[] {
  const step = timeStep((max - min) / Math.max(1, target));
  return multiples(min, max, step).map((value) => ({ value, label: duration(value, step) }));
}

/** Times of day (Unix ms, in the reader's zone), with the date where the day changes. */
export function clockTicks(min: number, max: number, target: number): Tick[] {
  const step = timeStep((max - min) / Math.max(1, target));
  const zone = new Date(min).getTimezoneOffset() * 60_000;
  let day = '';
  return multiples(min - zone, max - zone, step).map((local) => {
    const date = new Date(local + zone);
    const today = `${date.getMonth() + 1}/${date.getDate()}`;
    const clock = date.toTimeString().slice(0, step < 60_000 ? 8 : 5);
    const label = step >= 86_400_000 ? today : day && day !== today ? `${today} ${clock}` : clock;
    day = today;
    return { value: local + zone, label };
  });
}

function timeStep(wanted: number): number {
  const found = timeSteps.find((step) => step >= wanted);
  if (found && wanted >= 1000 * 0.5) return found;
  return wanted < 500 ? roundStep(Math.max(wanted, 1e-3)) : Math.ceil(wanted / 86_400_000) * 86_400_000;
}

function roundStep(wanted: number): number {
  const power = 10 ** Math.floor(Math.log10(wanted));
  const factor = [1, 2, 5, 10].find((each) => each * power >= wanted * (1 - 1e-9)) ?? 10;
  return factor * power;
}

function multiples(min: number, max: number, step: number): number[] {
  const values: number[] = [];
  if (!(step > 0)) return values;
  const first = Math.ceil(min / step - 1e-9);
  for (let i = first; i * step <= max + step * 1e-9 && values.length < 1000; i++) {
    // 3 * 0.1 is 0.30000000000000004: what was meant has no more digits than the step.
    values.push(rounded(i * step, 12));
  }
  return values;
}
