import {
  closeSync,
  existsSync,
  fdatasync,
  fstatSync,
  openSync,
  readSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { promisify } from 'node:util';
import type { RunEvent } from '../protocol/events.ts';
import { toJson } from '../protocol/numbers.ts';
import { asHuman } from './files.ts';
import { layout } from './layout.ts';

export interface EventWriter {
  /** Nothing stood in the file. */
  isNew: boolean;
  /** Takes an event; it stands in the file within 100 ms. A checkpoint and the end are written at once, with all before them. */
  write(event: RunEvent): void;
  /** Writes what is waiting and brings it to the disk. Before a checkpoint is renamed into place, call this. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Appends to a run's events file; a line that a killed writer left torn is dropped first.
 * A full disk is a HumanError from the next `write`, `flush` or `close`; what could not be written stays waiting and is
 * written from the byte where it broke off when there is space again.
 */
export async function openEventWriter(dir: string): Promise<EventWriter> {
  const file = layout.events(dir);
  const descriptor = openOrSay(file);
  let lines: string[] = [];
  let length = 0;
  /** Bytes that are next in the file: what the last write could not place. */
  let rest = Buffer.alloc(0);
  let timer: NodeJS.Timeout | null = null;
  let failure = null as Error | null;

  /** Writes all that waits. Synchronous: it costs tens of microseconds and keeps events in order even at an exit. */
  function drain(): void {
    if (timer) clearTimeout(timer);
    timer = null;
    if (lines.length) rest = Buffer.concat([rest, Buffer.from(lines.join(''))]);
    lines = [];
    length = 0;
    try {
      while (rest.length) rest = rest.subarray(writeSync(descriptor, rest));
      failure = null;
    } catch (error) {
      failure = asHuman(error, file);
    }
  }

  function check(): void {
    if (failure) throw failure;
  }

  async function flush(): Promise<void> {
    drain();
    check();
    try {
      await promisify(fdatasync)(descriptor);
    } catch (error) {
      throw asHuman(error, file);
    }
  }

  return {
    isNew: fstatSync(descriptor).size === 0,
    write(event) {
      check();
      const line = `${toJson(event)}\n`;
      lines.push(line);
      length += line.length;
      if (length > 1 << 16 || event.kind === 'checkpoint' || event.kind === 'ended') {
        drain();
        check();
      } else timer ??= setTimeout(drain, 100);
    },
    flush,
    async close() {
      try {
        await flush();
      } finally {
        closeSync(descriptor);
      }
    },
  };
}

function openOrSay(file: string): number {
  try {
    if (existsSync(file)) dropTornLine(file);
    return openSync(file, 'a');
  } catch (error) {
    throw asHuman(error, file);
  }
}

function dropTornLine(file: string): void {
  const descriptor = openSync(file, 'r');
  const size = fstatSync(descriptor).size;
  const whole = endOfLastLine(descriptor, size);
  closeSync(descriptor);
  if (whole < size) truncateSync(file, whole);
}

/** Offset after the last newline. */
function endOfLastLine(descriptor: number, size: number): number {
  const chunk = Buffer.alloc(1 << 16);
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - chunk.length);
    const count = readSync(descriptor, chunk, 0, end - start, start);
    const newline = chunk.subarray(0, count).lastIndexOf(10);
    if (newline >= 0) return start + newline + 1;
    end = start;
  }
  return 0;
}
