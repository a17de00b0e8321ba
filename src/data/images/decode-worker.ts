import { readlinkSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { basename } from 'node:path';
import { parentPort } from 'node:worker_threads';
import type { DecodeAnswer, DecodeTask } from './decode-apart.ts';
import { decodeJpeg } from './jpeg.ts';
import { narrowed, toSquare } from './to-square.ts';

/*
 * What a decoding thread runs: usual JPEGs to squares, one after the other. Nothing but our own loops, so that it needs no packages.
 */

giveWay();
parentPort!.on('message', ({ id, room, length, wanted }: DecodeTask) => {
  const { size, crop } = wanted;
  const isExact = (length: number, share = 1): boolean => narrowed(length, share, size) === length;
  const image = decodeJpeg(
    Buffer.from(room, 0, length),
    (width, height) => isExact(width, crop?.width) && isExact(height, crop?.height),
  );
  if (image) toSquare(image, wanted, new Uint8Array(room, 0, size * size * 3));
  parentPort!.postMessage({ id, isDone: image !== null } satisfies DecodeAnswer);
});

/** Whoever computes has the processors first. Linux gives each thread a priority of its own; elsewhere it would be the whole process's. */
function giveWay(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(
      Number(basename(readlinkSync('/proc/thread-self'))),
      constants.priority.PRIORITY_BELOW_NORMAL,
    );
  } catch {
    // Without /proc the threads keep the usual priority.
  }
}
