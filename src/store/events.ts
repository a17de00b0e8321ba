import type { RunEvent } from '../protocol/events.ts';
import { parseEvent } from './event-lines.ts';
import { tailLines } from './event-reader.ts';
import { layout } from './layout.ts';

export { openEventWriter } from './event-writer.ts';

/** All events of a run in the order written; none when there is no file yet. For curves of long runs see `openRunLog`. */
export async function readEvents(dir: string): Promise<RunEvent[]> {
  let events: RunEvent[] = [];
  await tailLines(layout.events(dir)).read(
    (lines) => {
      for (const event of eventsOf(lines)) events.push(event);
    },
    () => (events = []),
  );
  return events;
}

/**
 * Follows a run: first all events so far, then new ones within `intervalMs` (default 200). Ends at once when `signal` says
 * stop; once `until` has resolved, ends when all that was written before then has been given.
 * `onReset` comes when the file was replaced by another one: what was given before is void.
 */
export async function followEvents(
  dir: string,
  options: {
    onEvents: (events: RunEvent[]) => void;
    onReset?: () => void;
    intervalMs?: number;
    signal: AbortSignal;
    until?: Promise<unknown>;
  },
): Promise<void> {
  const { signal, intervalMs = 200 } = options;
  const tail = tailLines(layout.events(dir));
  const over = new AbortController();
  const end = (): void => over.abort();
  options.until?.then(end, end);
  const wake = AbortSignal.any([signal, over.signal]);
  for (let isLast = false; !signal.aborted && !isLast;) {
    isLast = over.signal.aborted;
    await tail.read(
      (lines) => {
        const events = eventsOf(lines);
        if (events.length && !signal.aborted) options.onEvents(events);
      },
      () => options.onReset?.(),
      signal,
    );
    if (!isLast) await sleep(intervalMs, wake);
  }
}

/** Events of a piece of the file that ends after a newline. */
export function eventsOf(lines: Buffer): RunEvent[] {
  const events: RunEvent[] = [];
  for (let start = 0, end = lines.indexOf(10); end >= 0; start = end + 1, end = lines.indexOf(10, start)) {
    const event = parseEvent(lines.toString('utf8', start, end));
    if (event) events.push(event);
  }
  return events;
}

/** Resolves after a while, or at once when stopped. */
function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done, { once: true });
  });
}
