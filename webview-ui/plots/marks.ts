import type { RunView } from '../../src/protocol/panel.ts';
import type { Mark } from '../../src/protocol/state.ts';
import { runName } from '../model/run-colours.ts';
import { xMap } from './x-axis.ts';
import type { XAxisName } from './x-axis.ts';
import { counted } from '../../src/text/numbers.ts';
import { t } from '../../src/text/say.ts';

/** A mark of a run at its place on the x axis. */
export interface PlacedMark {
  kind: Mark['kind'];
  x: number;
  run: RunView;
  /** Said in words when pointed at. */
  text: string;
  severity: Mark['severity'];
}

export const markSigns: Record<Mark['kind'], string> = {
  skipped: '▲',
  checkpoint: '◆',
  resumed: '│',
  diverged: '✖',
  failed: '✖',
  finding: '●',
};

/** Checkpoints of many runs would fill the axis: from here on only what went wrong is marked. */
const fewRuns = 3;

/** The marks of the runs by place, later ones last. */
export function marksOf(runs: RunView[], axis: XAxisName): PlacedMark[] {
  const placed: PlacedMark[] = [];
  for (const run of runs) {
    const map = run.state && xMap(axis, run.state);
    if (!run.state || !map) continue;
    for (const mark of run.state.marks) {
      if (runs.length > fewRuns && (mark.kind === 'checkpoint' || mark.kind === 'resumed')) continue;
      const x = (map.column === 'steps' ? mark.step : mark.time) * map.scale + map.offset;
      const whose = runs.length > 1 ? `${runName(run)}: ` : '';
      const says = mark.text.includes('step') || mark.text.includes(t('step {0}', mark.step));
      const where = says ? '' : ` ${t('at step {0}', counted(mark.step))}`;
      const { kind, severity } = mark;
      placed.push({ kind, x, run, text: `${whose}${mark.text}${where}`, severity });
    }
  }
  return placed.sort((a, b) => a.x - b.x);
}

/** Room of a sign on the axis, in pixels: nearer ones would run into each other. */
const signRoom: Record<Mark['kind'], number> = {
  skipped: 6,
  // What is done again and again is a few signs, not a band of them.
  checkpoint: 24,
  finding: 6,
  resumed: 6,
  diverged: 6,
  failed: 6,
};

/** The marks that are drawn where a pixel is as wide as `pixel` of the axis: of those of a kind that have no room, the first. */
export function sparse(marks: PlacedMark[], from: number, to: number, pixel: number): PlacedMark[] {
  const last = new Map<Mark['kind'], number>();
  return marks.filter((mark) => {
    if (mark.x < from || mark.x > to) return false;
    const before = last.get(mark.kind);
    if (before !== undefined && mark.x - before < signRoom[mark.kind] * pixel) return false;
    last.set(mark.kind, mark.x);
    return true;
  });
}
