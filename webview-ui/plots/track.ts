import { firstAtOrAbove } from '../../src/analysis/decimate.ts';
import { createPyramid, extendPyramid } from '../../src/analysis/pyramid.ts';
import type { Pyramid } from '../../src/analysis/pyramid.ts';
import { smoothOn } from '../../src/analysis/smoothing.ts';
import type { SmoothingState } from '../../src/analysis/smoothing.ts';
import type { Series } from '../../src/protocol/state.ts';
import type { XMap } from './x-axis.ts';

/** Points worked on before the clock is looked at. */
const slice = 32_768;

/**
 * What drawing a series needs beside the series itself: the smoothed column, and a pyramid over either. It follows the series as that
 * grows, in slices, so that a million points hold up nothing.
 */
export class Track {
  raw: Pyramid = createPyramid();
  smooth: Pyramid | null = null;
  /** In single precision: it is only drawn, and half as much memory is filled in half the time. */
  smoothed = new Float32Array(0);
  finite = 0;
  /** Times that never fall; the series' own column when it already is so. */
  private times: Float64Array<ArrayBuffer> | null = null;
  private smoothing: SmoothingState = { weight: 0, isLog: false, count: 0, mean: 0 };
  private latest = -Infinity;

  constructor(readonly series: Series) {}

  /** Works until the track is up to date (true) or the clock reaches `deadline` (false). */
  follow(weight: number, isLog: boolean, deadline: number): boolean {
    if (
      this.raw.positiveOnly !== isLog ||
      this.smoothing.weight !== weight ||
      this.raw.length > this.series.length
    )
      this.restart(weight, isLog);
    const { series } = this;
    while (this.raw.length < series.length) {
      if (performance.now() > deadline) return false;
      const from = this.raw.length;
      const to = Math.min(series.length, from + slice);
      extendPyramid(this.raw, series.values, to);
      this.count(from, to);
      if (!this.smooth) continue;
      if (this.smoothed.length < to) {
        const larger = new Float32Array(Math.max(to, series.values.length));
        larger.set(this.smoothed);
        this.smoothed = larger;
      }
      smoothOn(this.smoothing, series.values, from, to, this.smoothed);
      extendPyramid(this.smooth, this.smoothed, to);
    }
    return true;
  }

  /** The column that the x axis is made of, up to what the track has taken up. */
  x(column: 'steps' | 'times'): Float64Array {
    return column === 'steps' ? this.series.steps : (this.times ?? this.series.times);
  }

  get length(): number {
    return Math.min(this.raw.length, this.series.length);
  }

  private restart(weight: number, isLog: boolean): void {
    const { length } = this.series;
    this.raw = createPyramid(isLog, length);
    this.smooth = weight > 0 ? createPyramid(isLog, length) : null;
    this.smoothing = { weight, isLog, count: 0, mean: 0 };
    this.finite = 0;
    this.times = null;
    this.latest = -Infinity;
  }

  private count(from: number, to: number): void {
    const { values, times } = this.series;
    let { finite, latest } = this;
    let isRising = true;
    for (let i = from; i < to; i++) {
      const value = values[i]!;
      if (value - value === 0) finite++;
      const time = times[i]!;
      if (time >= latest) latest = time;
      else isRising = false;
    }
    this.finite = finite;
    this.latest = latest;
    if (!isRising) this.times ??= Float64Array.from(times);
    if (!this.times) return;
    if (this.times.length < to) this.times = withRoom(this.times, times.length);
    let before = from > 0 ? this.times[from - 1]! : -Infinity;
    for (let i = from; i < to; i++) this.times[i] = before = Math.max(before, times[i]!);
  }
}

function withRoom(column: Float64Array<ArrayBuffer>, room: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(room);
  larger.set(column);
  return larger;
}

const tracks = new WeakMap<Series, Track>();

/** The series' own track, made at the first question. */
export function trackOf(series: Series): Track {
  let track = tracks.get(series);
  if (!track) tracks.set(series, (track = new Track(series)));
  return track;
}

/** Place of the point nearest to `x` on the axis; the last one without a crosshair. */
export function placeOf({ track, x: map }: { track: Track; x: XMap }, x: number | null): number {
  const { length } = track.series;
  if (x === null) return length - 1;
  const wanted = (x - map.offset) / map.scale;
  const column = track.x(map.column);
  const after = firstAtOrAbove(column, wanted, 0, length);
  if (after === 0) return 0;
  if (after === length) return length - 1;
  return column[after]! - wanted < wanted - column[after - 1]! ? after : after - 1;
}
