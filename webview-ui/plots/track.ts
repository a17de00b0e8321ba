import { firstAtOrAbove } from '../../src/analysis/decimate.ts';
import { extendPyramid, extendSmoothed } from '../../src/analysis/pyramid.ts';
import { block, createPyramid } from '../../src/analysis/pyramid-levels.ts';
import type { Pyramid } from '../../src/analysis/pyramid-levels.ts';
import { smoothOn } from '../../src/analysis/smoothing.ts';
import type { SmoothingState } from '../../src/analysis/smoothing.ts';
import type { Series } from '../../src/protocol/state.ts';
import type { XMap } from './x-axis.ts';

/** Points worked on before the clock is looked at. */
const slice = 32_768;

/** From here on a pixel of a plot holds so many points that their extremes are kept; of fewer they are found while drawing. */
const long = 32_768;

/**
 * What drawing a series needs beside the series itself: the smoothed column, and for a long one a pyramid over either. It follows the
 * series as that grows, in slices, so that a million points hold up nothing.
 */
export class Track {
  raw: Pyramid = createPyramid(false, 0);
  smooth: Pyramid | null = null;
  /**
   * In single precision: it is only drawn, and half as much memory is filled in half the time. On a log axis these are mean logarithms,
   * see `smoothedAt`.
   */
  smoothed = new Float32Array(0);
  /** Points taken up so far. */
  length = 0;
  private smoothing: SmoothingState = { weight: 0, isLog: false, count: 0, mean: 0 };

  constructor(readonly series: Series) {}

  /** Whether there is a smoothed curve: two points are never smoothed, it would only move the second one. */
  get isSmooth(): boolean {
    return this.smoothing.weight > 0 && this.smoothing.count > 2;
  }

  /** On a log axis: values of zero and below are gaps, and logarithms are smoothed. */
  get isLog(): boolean {
    return this.smoothing.isLog;
  }

  /** Works until the track is up to date (true) or the clock reaches `deadline` (false). */
  follow(weight: number, isLog: boolean, deadline: number): boolean {
    const { series } = this;
    if (this.isLog !== isLog || this.smoothing.weight !== weight || this.length > series.length)
      this.restart(weight, isLog);
    while (this.length < series.length) {
      if (performance.now() > deadline) return false;
      const to = Math.min(series.length, this.length + slice);
      this.take(to);
      this.length = to;
    }
    return true;
  }

  /** Points up to, not including, `to`. */
  private take(to: number): void {
    const { series, raw, smooth, smoothing } = this;
    const isLong = series.length >= long;
    if (!smooth) {
      if (isLong) extendPyramid(raw, series.values, to);
      return;
    }
    this.reserve(to);
    const whole = to - (to % block);
    // Not where a column has just become a long one: its pyramids begin later than its means.
    if (isLong && raw.length === this.length && this.length % block === 0 && whole > this.length) {
      extendSmoothed(raw, smooth, smoothing, series.values, this.smoothed, whole);
      this.length = whole;
    }
    smoothOn(smoothing, series.values, this.length, to, this.smoothed);
    if (!isLong) return;
    extendPyramid(raw, series.values, to);
    extendPyramid(smooth, this.smoothed, to);
  }

  /** The smoothed value at a place. */
  smoothedAt(place: number): number {
    const mean = this.smoothed[place]!;
    return this.isLog ? Math.exp(mean) : mean;
  }

  /** The column that the x axis is made of; never falling. */
  x(column: 'steps' | 'times'): Float64Array {
    return column === 'steps' ? this.series.steps : risingTimes(this.series);
  }

  private restart(weight: number, isLog: boolean): void {
    const room = this.series.length >= long ? this.series.length : 0;
    this.raw = createPyramid(isLog, room);
    // Where logarithms are smoothed, what has none is no number.
    this.smooth = weight > 0 ? createPyramid(false, room) : null;
    this.smoothing = { weight, isLog, count: 0, mean: 0 };
    this.length = 0;
  }

  private reserve(room: number): void {
    if (this.smoothed.length >= room) return;
    const larger = new Float32Array(Math.max(room, this.series.values.length));
    larger.set(this.smoothed);
    this.smoothed = larger;
  }
}

/** A column of times in which none is before an earlier one, as far as it was looked through. */
interface RisingTimes {
  /** The column itself, or a copy where that falls somewhere. */
  column: Float64Array;
  length: number;
}

/** By the times themselves, which the curves of a run mostly share. */
const rising = new WeakMap<Float64Array, RisingTimes>();

/** The times of a series as an axis needs them: a clock that was set back makes them fall. */
function risingTimes({ times, length }: Series): Float64Array {
  let known = rising.get(times);
  if (!known) rising.set(times, (known = { column: times, length: 0 }));
  let latest = known.length > 0 ? known.column[known.length - 1]! : -Infinity;
  for (let i = known.length; i < length; i++) {
    const time = times[i]!;
    if (time >= latest) latest = time;
    else if (known.column === times) known.column = times.slice();
    if (known.column !== times) known.column[i] = latest;
  }
  known.length = Math.max(known.length, length);
  return known.column;
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
