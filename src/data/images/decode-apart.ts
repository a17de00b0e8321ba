import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { source } from './decode-worker.ts?source';
import type { SquareWanted } from './to-square.ts';

export interface DecodeTask {
  id: number;
  bytes: Uint8Array;
  wanted: SquareWanted;
}

/** null: the image is not of the usual kind. */
export interface DecodeAnswer {
  id: number;
  pixels: Uint8Array | null;
}

/** After so many threads that ended by themselves there are no new ones. */
const mostFailures = 3;

interface Thread {
  worker: Worker;
  waiting: Map<number, (pixels: Uint8Array | null) => void>;
}

/**
 * A JPEG of the usual kind (see `decodeJpeg`) as a square, made in another thread; null of any other image. Threads start when they are
 * needed, one for each processor, give way to other work where the system lets them, and end with the process, which none of them keeps
 * alive once it is idle.
 */
export const decodeApart = decodeThreads(Math.min(availableParallelism(), 16));

/** The same with so many threads at most. */
export function decodeThreads(
  most: number,
): (bytes: Buffer, wanted: SquareWanted) => Promise<Uint8Array | null> {
  const threads: Thread[] = [];
  let failures = 0;
  let lastId = 0;

  /** The one with the fewest tasks; a new one while all have some. */
  const freeThread = (): Thread | null => {
    let free: Thread | null = null;
    for (const thread of threads) if (!free || thread.waiting.size < free.waiting.size) free = thread;
    const isBusy = !free || free.waiting.size > 0;
    return isBusy && threads.length < most && failures < mostFailures ? start() : free;
  };

  const start = (): Thread => {
    const worker = new Worker(source, { eval: true });
    const thread: Thread = { worker, waiting: new Map() };
    threads.push(thread);
    worker.unref();
    worker.on('message', ({ id, pixels }: DecodeAnswer) => {
      thread.waiting.get(id)?.(pixels);
      thread.waiting.delete(id);
      if (thread.waiting.size === 0) worker.unref();
    });
    worker.on('error', (error) =>
      console.error('A decoding thread ended; its images are decoded without it:', error),
    );
    worker.on('exit', () => {
      failures++;
      threads.splice(threads.indexOf(thread), 1);
      for (const resolve of thread.waiting.values()) resolve(null);
    });
    return thread;
  };

  return (bytes, wanted) => {
    const thread = freeThread();
    if (!thread) return Promise.resolve(null);
    return new Promise((resolve) => {
      const id = ++lastId;
      thread.waiting.set(id, resolve);
      thread.worker.ref();
      // A copy: a small file's bytes lie in a buffer with others.
      const own = new Uint8Array(bytes);
      thread.worker.postMessage({ id, bytes: own, wanted } satisfies DecodeTask, [own.buffer]);
    });
  };
}
