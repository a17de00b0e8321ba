import { appendPoints, createColumns, type Series } from '../../protocol/series.ts';
import type { FileSeries } from './file.ts';

/** Curves of one tag that several files of a folder hold. */
export interface TagLanes {
  /** Takes up what the files hold now (in order of their names); answers the curves: one, or one per writer that was at work at the same time. */
  update(files: FileSeries[]): Series[];
  /** First steps of files that took over from an earlier one and wrote some steps anew. */
  restarts: { step: number; time: number }[];
}

/** A curve in the making. */
interface Lane {
  files: FileSeries[];
  rewrites: number[];
  /** How many points of each file are in it. */
  taken: number[];
  series: Series;
}

/**
 * Files that follow each other in time make one curve: where a later one goes back, it replaces the end of the earlier one.
 * So do files whose steps follow each other, whatever their times: clocks of two machines differ. Files that wrote the same
 * steps at the same time are different writers, and become curves of their own.
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
      // A file that begins with the last step again, as evaluations do, takes nothing up anew.
      if (series.length && before.length && lastStep(before) > series.steps[0]!)
        tagLanes.restarts.push({ step: series.steps[0]!, time: series.times[0]! });
    });
  }
}

/** Puts each file behind the first lane that had ended when it began, or before one whose steps come after its own. */
function partition(files: FileSeries[]): FileSeries[][] {
  const lanes: FileSeries[][] = [];
  for (const file of files) {
    const behind = lanes.find((members) => follows(members.at(-1)!, file));
    const before = behind ?? lanes.find((members) => areInOrder(file, members[0]!));
    if (behind) behind.push(file);
    else if (before) before.unshift(file);
    else lanes.push([file]);
  }
  return lanes;
}

const follows = (first: FileSeries, second: FileSeries): boolean =>
  first.lastTime <= second.firstTime || areInOrder(first, second);

/** Whether all steps of one file come before those of the other. */
const areInOrder = (first: FileSeries, second: FileSeries): boolean =>
  first.series.length > 0 && second.series.length > 0 && lastStep(first.series) < second.series.steps[0]!;

const lastStep = ({ length, steps }: Series): number => steps[length - 1]!;

function canAppend(lane: Lane, members: FileSeries[]): boolean {
  return (
    lane.files.length === members.length &&
    members.every((file, index) => file === lane.files[index] && file.rewrites === lane.rewrites[index]) &&
    // Only the last file of a lane may have grown: what earlier ones got belongs between.
    members.every(
      ({ series }, index) =>
        lane.taken[index] === series.length ||
        (index === members.length - 1 && lane.taken[index]! < series.length),
    )
  );
}

function extend(lane: Lane): Lane {
  const { series } = lane.files.at(-1)!;
  const last = lane.files.length - 1;
  if (last > 0) appendPoints(lane.series, series, lane.taken[last]!, series.length);
  lane.taken[last] = series.length;
  return lane;
}

function build(files: FileSeries[]): Lane {
  const rewrites = files.map((file) => file.rewrites);
  const taken = files.map(({ series }) => series.length);
  if (files.length === 1) return { files, rewrites, taken, series: files[0]!.series };
  const joined = createColumns(files.reduce((sum, file) => sum + file.series.length, 64));
  for (const { series } of files) {
    if (series.length) {
      let length = joined.length;
      while (length > 0 && joined.steps[length - 1]! >= series.steps[0]!) length--;
      joined.superseded += joined.length - length;
      joined.length = length;
    }
    appendPoints(joined, series, 0, series.length);
    joined.superseded += series.superseded;
  }
  return { files, rewrites, taken, series: joined };
}
