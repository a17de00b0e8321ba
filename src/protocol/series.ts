/** One metric of a run in order of steps; columns grow in place, only the first `length` entries count. */
export interface Series {
  length: number;
  steps: Float64Array;
  /** Unix ms. */
  times: Float64Array;
  values: Float64Array;
  /** Points of earlier trainers that a resume wrote anew; they are no longer in the columns. */
  superseded: number;
  /**
   * True when `steps` and `times` are another series' arrays (curves of a run mostly share them, and a million steps of six
   * metrics are 64 MB instead of 144): they are copied before anything is appended through this one.
   */
  shared?: boolean | undefined;
}

/** An empty series with room for this many points. */
export function createColumns(room = 64): Series {
  return {
    length: 0,
    steps: new Float64Array(room),
    times: new Float64Array(room),
    values: new Float64Array(room),
    superseded: 0,
  };
}

/** Appends a point; columns grow by doubling. */
export function pushPoint(series: Series, step: number, time: number, value: number): void {
  const at = series.length;
  if (series.shared || at === series.steps.length) grow(series, at + 1);
  series.steps[at] = step;
  series.times[at] = time;
  series.values[at] = value;
  series.length = at + 1;
}

/** Appends the points `from` up to (without) `to` of another series' columns. */
export function appendPoints(
  series: Series,
  columns: Pick<Series, 'steps' | 'times' | 'values'>,
  from: number,
  to: number,
): void {
  const length = series.length + to - from;
  if (series.shared || length > series.steps.length) grow(series, length);
  series.steps.set(columns.steps.subarray(from, to), series.length);
  series.times.set(columns.times.subarray(from, to), series.length);
  series.values.set(columns.values.subarray(from, to), series.length);
  series.length = length;
}

/** Appends values whose steps and times have just been appended to `leader`, with which the series shares these columns. */
export function appendShared(series: Series, leader: Series, values: Float64Array): void {
  const length = series.length + values.length;
  if (length > series.values.length)
    series.values = grown(series.values, series.length, Math.max(length, leader.steps.length));
  series.values.set(values, series.length);
  series.steps = leader.steps;
  series.times = leader.times;
  series.length = length;
}

/** Takes back the last points for as long as their step is above `step`; they count as superseded. */
export function takeBack(series: Series, step: number): void {
  let kept = series.length;
  while (kept > 0 && series.steps[kept - 1]! > step) kept--;
  series.superseded += series.length - kept;
  series.length = kept;
}

function grow(series: Series, length: number): void {
  reserve(series, Math.max(length, series.values.length * 2));
}

/** Makes room for this many points in all, in arrays of its own. Whoever knows how many will come saves the copies on the way. */
export function reserve(series: Series, room: number): void {
  series.steps = grown(series.steps, series.length, room);
  series.times = grown(series.times, series.length, room);
  series.values = grown(series.values, series.length, room);
  series.shared = undefined;
}

/** Appends a point whose step and time have just been appended to `leader`, with which the series shares these columns. */
export function pushShared(series: Series, leader: Series, value: number): void {
  const at = series.length;
  if (at === series.values.length) series.values = grown(series.values, at, leader.steps.length);
  series.steps = leader.steps;
  series.times = leader.times;
  series.values[at] = value;
  series.length = at + 1;
}

/** The first `length` numbers of a column, with room for `room`. */
function grown(column: Float64Array, length: number, room: number): Float64Array {
  const larger = new Float64Array(Math.max(room, length));
  larger.set(column.subarray(0, length));
  return larger;
}
