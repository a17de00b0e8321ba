import { appendPoints, createColumns, type Series } from '../../protocol/series.ts';
import type { FileSeries } from './file.ts';

/** Curves of one tag that several files of a folder hold. */
export interface TagLanes {
  /** Takes up what the files hold now (in order of their names); answers the curves: one, or one per writer that was at work at the same time. */
  update(files: FileSeries[]): Series[];
  /** First steps of files that took over from an earlier one and wrote some steps anew. */
  restarts: { step: number; time: number }[];
}

/** A curve in the making: the files it is made of, and how much of the last one is in it. */
interface Lane {
  files: FileSeries[];
  rewrites: number[];
  taken: number;
  series: Series;
}

/**
 * Files that follow each other in time make one curve: where a later one goes back, it replaces the end of the earlier one.
 * Files that were written at the same time are different writers, and become curves of their own.
 */
export function createTagLanes(): TagLanes {
  let lanes: Lane[] = [];
  const tagLanes: TagLanes = { update, restarts: [] };
  return tagLanes;

  function update(files: FileSeries[]): Series[] {
    const parted = partition(files.filter((file) => !Number.isNaN(file.firstTime)));
    const old = lanes;
    tagLanes.restarts = [];
    lanes = parted.map((members, index) => {
      const lane = old[index];
      return lane && canAppend(lane, members) ? extend(lane) : build(members);
    });
    for (const lane of lanes) noteRestarts(lane);
    return lanes.map((lane) => lane.series);
  }

  function noteRestarts(lane: Lane): void {
    lane.files.slice(1).forEach((file, index) => {
      const before = lane.files[index]!.series;
      const { series } = file;
      if (series.length && before.length && before.steps[before.length - 1]! >= series.steps[0]!)
        tagLanes.restarts.push({ step: series.steps[0]!, time: series.times[0]! });
    });
  }
}

/** Puts each file behind the first lane that had ended when it began. */
function partition(files: FileSeries[]): FileSeries[][] {
  const lanes: FileSeries[][] = [];
  for (const file of files) {
    const lane = lanes.find((members) => members.at(-1)!.lastTime <= file.firstTime);
    if (lane) lane.push(file);
    else lanes.push([file]);
  }
  return lanes;
}

function canAppend(lane: Lane, members: FileSeries[]): boolean {
  return (
    lane.files.length === members.length &&
    members.every((file, index) => file === lane.files[index] && file.rewrites === lane.rewrites[index]) &&
    // Only the last file of a lane may have grown: earlier ones were copied whole.
    lane.taken <= members.at(-1)!.series.length
  );
}

function extend(lane: Lane): Lane {
  const { series } = lane.files.at(-1)!;
  if (lane.files.length > 1) appendPoints(lane.series, series, lane.taken, series.length);
  lane.taken = series.length;
  return lane;
}

function build(files: FileSeries[]): Lane {
  const rewrites = files.map((file) => file.rewrites);
  const taken = files.at(-1)!.series.length;
  if (files.length === 1) return { files, rewrites, taken, series: files[0]!.series };
  const joined = createColumns(files.reduce((sum, file) => sum + file.series.length, 64));
  for (const { series } of files) {
    if (series.length) {
      let kept = joined.length;
      while (kept > 0 && joined.steps[kept - 1]! >= series.steps[0]!) kept--;
      joined.superseded += joined.length - kept;
      joined.length = kept;
    }
    appendPoints(joined, series, 0, series.length);
    joined.superseded += series.superseded;
  }
  return { files, rewrites, taken, series: joined };
}
