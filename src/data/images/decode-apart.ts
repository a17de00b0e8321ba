import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { source } from './decode-worker.ts?source';
import type { SquareWanted } from './to-square.ts';

export interface DecodeTask {
  id: number;
  /** Begins with the file, whose place the square takes. */
  room: SharedArrayBuffer;
  /** Of the file. */
  length: number;
  wanted: SquareWanted;
}

export interface DecodeAnswer {
  id: number;
  /** false: the image is not of the usual kind. */
  isDone: boolean;
}

/** After so many threads that ended by themselves there are no new ones. */
const mostFailures = 3;

interface Thread {
  worker: Worker;
  waiting: Map<number, (isDone: boolean) => void>;
}

/**
 * Makes a square of a JPEG of the usual kind (see `decodeJpeg`) in another thread; false of any other image. Threads start when they are
 * needed, one for each processor, give way to other work where the system lets them, and end with the process, which none of them keeps
 * alive once it is idle.
 */
export const decodeApart = decodeThreads(Math.min(availableParallelism(), 16));

/** The same with so many threads at most. */
export function decodeThreads(
  most: number,
): (bytes: Buffer, wanted: SquareWanted, into: Uint8Array) => Promise<boolean> {
  const threads: Thread[] = [];
  const rooms = sharedRooms();
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
    worker.on('message', ({ id, isDone }: DecodeAnswer) => {
      thread.waiting.get(id)?.(isDone);
      thread.waiting.delete(id);
      if (thread.waiting.size === 0) worker.unref();
    });
    worker.on('error', (error) =>
      console.error('A decoding thread ended; its images are decoded without it:', error),
    );
    worker.on('exit', () => {
      failures++;
      threads.splice(threads.indexOf(thread), 1);
      for (const resolve of thread.waiting.values()) resolve(false);
    });
    return thread;
  };

  return async (bytes, wanted, into) => {
    const thread = freeThread();
    if (!thread) return false;
    const room = rooms.take(Math.max(bytes.length, into.length));
    new Uint8Array(room).set(bytes);
    const isDone = await new Promise<boolean>((resolve) => {
      const id = ++lastId;
      thread.waiting.set(id, resolve);
      thread.worker.ref();
      thread.worker.postMessage({ id, room, length: bytes.length, wanted } satisfies DecodeTask);
    });
    if (isDone) into.set(new Uint8Array(room, 0, into.length));
    rooms.giveBack(room);
    return isDone;
  };
}

/** More rooms and larger ones are not kept. */
const mostKept = 64;
const keptBytes = 2 ** 20;

/** Memory that both sides of a task see. Kept for later ones: new memory for each image would be collected after some hundred. */
function sharedRooms() {
  const free: SharedArrayBuffer[] = [];
  return {
    take(bytes: number): SharedArrayBuffer {
      const room = free.pop();
      return room && room.byteLength >= bytes ? room : new SharedArrayBuffer(Math.max(bytes, keptBytes / 4));
    },
    giveBack(room: SharedArrayBuffer): void {
      if (free.length < mostKept && room.byteLength <= keptBytes) free.push(room);
    },
  };
}
