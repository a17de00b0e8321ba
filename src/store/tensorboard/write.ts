import { closeSync, fdatasync, mkdirSync, openSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { maskedCrc32c } from './crc32c.ts';
import { asHuman } from '../files.ts';
import { errorCode } from '../../text/system-errors.ts';
import { layout } from '../layout.ts';

export interface TensorBoardWriter {
  /** Takes one step's values by metric name; they stand in the file within a second. */
  scalars(step: number, timeMs: number, values: Record<string, number>): void;
  flush(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Writes a run's scalars as a TensorBoard event file of its own, so that `tensorboard --logdir .tandem/runs` shows them.
 * A trainer that takes a run up after `resumedAt` steps says so in the file: TensorBoard then hides what an earlier one wrote later.
 */
export async function openTensorBoardWriter(
  dir: string,
  options: { resumedAt?: number; timeMs?: number } = {},
): Promise<TensorBoardWriter> {
  const folder = layout.tensorboard(dir);
  const timeMs = options.timeMs ?? Date.now();
  const { descriptor, file } = openNew(folder, timeMs);
  let waiting: Buffer[] = [record(versionEvent(timeMs))];
  if (options.resumedAt !== undefined) waiting.push(record(startEvent(timeMs, options.resumedAt + 1)));
  let length = 0;
  let timer: NodeJS.Timeout | null = null;
  let failure = null as Error | null;

  function drain(): void {
    if (timer) clearTimeout(timer);
    timer = null;
    let rest = Buffer.concat(waiting);
    try {
      while (rest.length) rest = rest.subarray(writeSync(descriptor, rest));
      failure = null;
    } catch (error) {
      failure = asHuman(error, file);
    }
    // After a failure: what is left goes on from the byte where it broke off.
    waiting = rest.length ? [rest] : [];
    length = rest.length;
  }

  async function flush(): Promise<void> {
    drain();
    if (failure) throw failure;
    try {
      await promisify(fdatasync)(descriptor);
    } catch (error) {
      throw asHuman(error, file);
    }
  }

  drain();
  if (failure) throw failure;
  return {
    scalars(step, time, values) {
      if (failure) throw failure;
      const bytes = record(scalarEvent(time, step, values));
      waiting.push(bytes);
      length += bytes.length;
      if (length > 1 << 16) drain();
      else timer ??= setTimeout(drain, 1000);
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

/** A file that no other writer has; names sort by time, as TensorBoard reads them. */
function openNew(folder: string, timeMs: number): { descriptor: number; file: string } {
  const seconds = String(Math.floor(timeMs / 1000)).padStart(10, '0');
  try {
    mkdirSync(folder, { recursive: true });
    for (let number = 0; ; number++) {
      const file = join(folder, `events.out.tfevents.${seconds}.${hostname()}.${process.pid}.${number}`);
      try {
        return { descriptor: openSync(file, 'ax'), file };
      } catch (error) {
        if (errorCode(error) !== 'EEXIST') throw error;
      }
    }
  } catch (error) {
    throw asHuman(error, folder);
  }
}

/** A TFRecord: length, its masked CRC, the data, its masked CRC; all little endian. */
export function record(data: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(data.length + 16);
  bytes.writeBigUInt64LE(BigInt(data.length), 0);
  bytes.writeUInt32LE(maskedCrc32c(bytes, 0, 8), 8);
  bytes.set(data, 12);
  bytes.writeUInt32LE(maskedCrc32c(bytes, 12, 12 + data.length), 12 + data.length);
  return bytes;
}

// The messages of tensorflow/core/util/event.proto and framework/summary.proto that are needed here. A field is its
// number * 8 + wire type (0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes); fields of value 0 are left out.

function versionEvent(timeMs: number): Uint8Array {
  return message(field8(1, timeMs / 1000), fieldBytes(3, Buffer.from('brain.Event:2')));
}

function startEvent(timeMs: number, step: number): Uint8Array {
  const sessionLog = message(fieldVarint(1, 1)); // status: START
  return message(field8(1, timeMs / 1000), fieldVarint(2, step), fieldBytes(7, sessionLog));
}

export function scalarEvent(timeMs: number, step: number, values: Record<string, number>): Uint8Array {
  const summary = message(
    ...Object.entries(values).map(([tag, value]) =>
      fieldBytes(1, message(fieldBytes(1, Buffer.from(tag)), field4(2, value))),
    ),
  );
  return message(field8(1, timeMs / 1000), fieldVarint(2, step), fieldBytes(5, summary));
}

const message = (...fields: Uint8Array[]): Uint8Array => Buffer.concat(fields);

function fieldVarint(field: number, value: number): Uint8Array {
  return value === 0 ? new Uint8Array(0) : Uint8Array.from([field * 8, ...varint(value)]);
}

function field8(field: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(9);
  bytes[0] = field * 8 + 1;
  bytes.writeDoubleLE(value, 1);
  return bytes;
}

/** simple_value belongs to a oneof: it is written also when it is 0. */
function field4(field: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(5);
  bytes[0] = field * 8 + 5;
  bytes.writeFloatLE(value, 1);
  return bytes;
}

function fieldBytes(field: number, content: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.from([field * 8 + 2, ...varint(content.length)]), content]);
}

/** Seven bits a byte, lowest first. Division, not shifts: a step may be above 2^32. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  bytes.push(value);
  return bytes;
}
