import { emptyRunState, type RunState } from '../protocol/state.ts';
import { readCurveCache, writeCurveCache } from './curve-cache.ts';
import { createLineFolder, type LineFolder } from './event-columns.ts';
import { tailLines } from './event-reader.ts';
import { layout } from './layout.ts';

/** Curves of a run as its events file grows: the same form as `TensorBoardLog`. */
export interface RunLog {
  /** Reads what was appended; answers whether anything came. */
  update(): Promise<boolean>;
  /** The curves so far, growing in place. Another object after the first update, and after the events file was replaced. */
  readonly state: RunState;
}

/** Less text than this is read in a moment: it is worth no cache. */
const worthCaching = 32 * 2 ** 20;

/**
 * Opens a run's events for their curves: what `foldRun` makes of `readEvents`, fast enough for a million steps. Of a long
 * run a copy of the columns is kept in its folder (see `curve-cache.ts`) and used the next time; `cache: false` goes without.
 */
export function openRunLog(dir: string, options: { cache?: boolean } = {}): RunLog {
  const eventsFile = layout.events(dir);
  const cacheFile = layout.curves(dir);
  const useCache = options.cache ?? true;
  let tail = tailLines(eventsFile);
  let state = emptyRunState();
  let folder: LineFolder = createLineFolder(state);
  let cached = 0;
  let opened = false;

  async function update(): Promise<boolean> {
    const found = !opened && useCache && (await openFromCache());
    opened = true;
    const news = await tail.read(
      (lines, share) => folder.fold(lines, share),
      () => begin(emptyRunState(), 0),
    );
    // Anew when a quarter has been added: then opening never reads much text, and a long run writes it a few times only.
    if (useCache && tail.offset - cached > Math.max(worthCaching, tail.offset / 4)) {
      cached = tail.offset;
      await writeCurveCache(cacheFile, eventsFile, state, tail.offset);
    }
    return found || news;
  }

  async function openFromCache(): Promise<boolean> {
    const cache = await readCurveCache(cacheFile, eventsFile);
    if (!cache) return false;
    tail = tailLines(eventsFile, cache.offset);
    begin(cache.state, cache.offset);
    return true;
  }

  function begin(from: RunState, offset: number): void {
    state = from;
    folder = createLineFolder(state);
    cached = offset;
  }

  return {
    get state() {
      return state;
    },
    update,
  };
}
