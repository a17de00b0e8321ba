import type { EventsMessage, RunDelta } from '../../protocol/panel.ts';
import { changesSince, cursorOf, type Cursor } from '../../protocol/panel-delta.ts';
import type { RunState } from '../../protocol/state.ts';
import { openRunLog } from '../../store/run-log.ts';
import { openTensorBoardLog } from '../../store/tensorboard/read.ts';
import { isTraining, type RunEntry } from '../runs/run-entry.ts';

/** Curves of a run that grow: `update` reads what is new and says whether there was anything. */
export interface CurveLog {
  readonly state: RunState;
  update(): Promise<boolean>;
}

const fastMs = 100;
/** Runs that do not train here are asked less often: another program may still write them. */
const slowMs = 1_500;

interface Shown {
  run: RunEntry;
  log: CurveLog;
  /** What the panel has; null: nothing yet. */
  cursor: Cursor | null;
  status: string;
  file: RunEntry['file'] | null;
  nextMs: number;
  failed: boolean;
}

/** Reads the curves of the runs that a panel shows, and hands on what is new about ten times a second while it is visible. */
export class CurveFeed {
  private readonly shown = new Map<string, Shown>();
  private timer: NodeJS.Timeout | undefined;
  private running = false;
  /** A turn that began before the panel was hidden has nothing to say to the one shown since. */
  private round = 0;
  private turns: Promise<void> = Promise.resolve();

  constructor(
    private readonly send: (message: EventsMessage) => Promise<void>,
    private readonly fail: (run: RunEntry, error: unknown) => void,
  ) {}

  /** Shows exactly these runs. Curves that are known already are kept. */
  setRuns(runs: RunEntry[]): void {
    const wanted = new Map(runs.map((run) => [run.dir, run]));
    for (const dir of this.shown.keys()) if (!wanted.has(dir)) this.shown.delete(dir);
    for (const [dir, run] of wanted)
      if (!this.shown.has(dir))
        this.shown.set(dir, {
          run,
          log: run.foreign ? openTensorBoardLog(dir) : openRunLog(dir),
          cursor: null,
          status: '',
          file: null,
          nextMs: 0,
          failed: false,
        });
    if (this.running) this.soon(0);
  }

  /** Begins anew: the panel has nothing. */
  start(): void {
    for (const one of this.shown.values()) Object.assign(one, { cursor: null, nextMs: 0, status: '' });
    this.running = true;
    this.round++;
    this.soon(0);
  }

  stop(): void {
    this.running = false;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private soon(ms: number): void {
    clearTimeout(this.timer);
    // One turn at a time: two would read the same lines of a file twice.
    this.timer = setTimeout(() => {
      this.turns = this.turns.then(() => this.turn());
    }, ms);
  }

  private async turn(): Promise<void> {
    const now = performance.now();
    const { round } = this;
    const isOver = () => !this.running || this.round !== round;
    const deltas: RunDelta[] = [];
    for (const one of [...this.shown.values()]) {
      if (isOver()) return;
      const isNews = one.status !== one.run.status || one.file !== one.run.file;
      if (one.nextMs > now && !isNews) continue;
      one.nextMs = now + (isTraining(one.run) ? fastMs : slowMs);
      try {
        const delta = await this.delta(one, isOver);
        if (delta) deltas.push(delta);
      } catch (error) {
        if (!one.failed) this.fail(one.run, error);
        one.failed = true;
      }
    }
    if (isOver()) return;
    // A panel that is slow to take them gets fewer, larger ones.
    const sent = deltas.length > 0 ? this.send({ kind: 'events', runs: deltas }) : Promise.resolve();
    void sent.then(() => {
      if (!isOver()) this.soon(fastMs);
    });
  }

  private async delta(one: Shown, isOver: () => boolean): Promise<RunDelta | null> {
    while ((await one.log.update()) && !isOver()) continue;
    if (isOver()) return null;
    const { run, log } = one;
    const curves = one.cursor ? changesSince(log.state, one.cursor) : { state: log.state };
    const isNews = one.status !== run.status || one.file !== run.file;
    if (!curves && !isNews) return null;
    Object.assign(one, { cursor: cursorOf(log.state), status: run.status, file: run.file });
    return { id: run.dir, status: run.status, file: run.file, ...curves };
  }
}
