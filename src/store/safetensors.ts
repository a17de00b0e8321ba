import { open, type FileHandle } from 'node:fs/promises';
import { endianness } from 'node:os';
import { HumanError } from '../protocol/human-error.ts';
import { asHuman, renameOver } from './files.ts';
import { isMissing } from '../text/system-errors.ts';
import { tensorTypes, type Tensors, type TensorType } from './tensors.ts';
import { said, t } from '../text/say.ts';

/** What a file is made of, as its header says; offsets are from the file's start. */
export interface SafetensorsHeader {
  tensors: Record<string, { dtype: TensorType; shape: number[]; start: number; end: number }>;
  metadata: Record<string, string>;
}

/** The format's own limit on the header's length in bytes. */
const headerLimit = 100_000_000;
/** Reads and writes go in pieces: Node cannot pass more than 2 GiB at once. */
const pieceBytes = 1 << 26;

/**
 * Reads a safetensors file whole, or only the tensors that `only` accepts: each straight into its own array.
 * HumanError `broken_file` for a file that is cut, longer than its header says, or no safetensors file.
 */
export async function readSafetensors(
  file: string,
  only: (name: string) => boolean = () => true,
): Promise<{ tensors: Tensors; metadata: Record<string, string> }> {
  littleEndianOnly();
  const handle = await openExisting(file);
  try {
    const { tensors: entries, metadata } = await readHeader(handle, file);
    const tensors = byName<Tensors[string]>();
    for (const [name, { dtype, shape, start, end }] of Object.entries(entries)) {
      if (!only(name)) continue;
      const data = new tensorTypes[dtype](elements(shape));
      await readFully(handle, new Uint8Array(data.buffer, 0, end - start), start, file);
      tensors[name] = { dtype, shape, data };
    }
    return { tensors, metadata };
  } finally {
    await handle.close();
  }
}

/** What is in a file, without reading its values. */
export async function readSafetensorsHeader(file: string): Promise<SafetensorsHeader> {
  const handle = await openExisting(file);
  try {
    return await readHeader(handle, file);
  } finally {
    await handle.close();
  }
}

/**
 * Writes a safetensors file, aside and then renamed, without making a copy of the values. Largest element type first, then
 * by name, so that every tensor is aligned and the bytes depend on the content alone. Python's readers take it as it is.
 */
export async function writeSafetensors(
  file: string,
  tensors: Tensors,
  metadata: Record<string, string> = {},
): Promise<void> {
  littleEndianOnly();
  const names = Object.keys(tensors).sort((a, b) => {
    const size = tensors[b]!.data.BYTES_PER_ELEMENT - tensors[a]!.data.BYTES_PER_ELEMENT;
    return size !== 0 ? size : a < b ? -1 : 1;
  });
  const aside = `${file}.${process.pid}.part`;
  try {
    const handle = await open(aside, 'w');
    try {
      await writeFully(handle, encodeHeader(names, tensors, metadata));
      for (const name of names) {
        const { data } = tensors[name]!;
        await writeFully(handle, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw asHuman(error, file);
  }
  await renameOver(aside, file);
}

/** An empty record without a prototype: a tensor may be called `__proto__`. */
const byName = <T>(): Record<string, T> => Object.create(null) as Record<string, T>;

function encodeHeader(names: string[], tensors: Tensors, metadata: Record<string, string>): Uint8Array {
  const header = byName<unknown>();
  if (Object.keys(metadata).length) header['__metadata__'] = metadata;
  let offset = 0;
  for (const name of names) {
    const { dtype, shape, data } = tensors[name]!;
    if (data.length !== elements(shape) || !(data instanceof tensorTypes[dtype]))
      throw new Error(
        `tensor ${name}: ${data.constructor.name} of ${data.length} is not ${dtype} [${shape.join(', ')}]`,
      );
    header[name] = { dtype, shape, data_offsets: [offset, (offset += data.byteLength)] };
  }
  const text = Buffer.from(JSON.stringify(header));
  const padded = Math.ceil(text.length / 8) * 8;
  const bytes = Buffer.alloc(8 + padded, ' ');
  bytes.writeBigUInt64LE(BigInt(padded), 0);
  text.copy(bytes, 8);
  return bytes;
}

async function readHeader(handle: FileHandle, file: string): Promise<SafetensorsHeader> {
  const { size } = await handle.stat();
  if (size < 8) throw broken(file, t('it is cut off'));
  const prefix = Buffer.alloc(8);
  await readFully(handle, prefix, 0, file);
  const length = Number(prefix.readBigUInt64LE(0));
  if (length > headerLimit) throw broken(file, t('it is no safetensors file'));
  if (8 + length > size) throw broken(file, t('it is cut off'));
  const text = Buffer.alloc(length);
  await readFully(handle, text, 8, file);
  let json: Record<string, unknown>;
  try {
    json = JSON.parse(text.toString('utf8')) as Record<string, unknown>;
  } catch {
    throw broken(file, t('its header is no JSON'));
  }
  const header = checkHeader(json, 8 + length, file);
  const end = Math.max(8 + length, ...Object.values(header.tensors).map((tensor) => tensor.end));
  if (end > size) throw broken(file, t('it is cut off'));
  if (end < size) throw broken(file, t('{0} bytes too long', size - end));
  return header;
}

function checkHeader(json: Record<string, unknown>, dataStart: number, file: string): SafetensorsHeader {
  const header: SafetensorsHeader = { tensors: byName(), metadata: {} };
  if (json === null || typeof json !== 'object') throw broken(file, t('its header is no map'));
  for (const [name, value] of Object.entries(json)) {
    if (name === '__metadata__') {
      header.metadata = value as Record<string, string>;
      continue;
    }
    const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>;
    if (typeof dtype !== 'string' || !Object.hasOwn(tensorTypes, dtype))
      throw broken(file, t('{0} has the type {1}, which is not supported', name, String(dtype)));
    const wholes = (list: unknown): list is number[] =>
      Array.isArray(list) && list.every((item) => Number.isSafeInteger(item) && item >= 0);
    if (!wholes(shape) || !wholes(offsets) || offsets.length !== 2)
      throw broken(file, t('{0} has no shape or place', name));
    const bytes = elements(shape) * tensorTypes[dtype as TensorType].BYTES_PER_ELEMENT;
    if (offsets[1]! - offsets[0]! !== bytes)
      throw broken(file, t('the place of {0} does not fit its shape', name));
    header.tensors[name] = {
      dtype: dtype as TensorType,
      shape,
      start: dataStart + offsets[0]!,
      end: dataStart + offsets[1]!,
    };
  }
  let at = dataStart;
  for (const { start, end } of Object.values(header.tensors).sort(
    (a, b) => a.start - b.start || a.end - b.end,
  )) {
    if (start !== at) throw broken(file, t('its tensors overlap or leave gaps'));
    at = end;
  }
  return header;
}

const elements = (shape: number[]): number => shape.reduce((product, size) => product * size, 1);

async function openExisting(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'r');
  } catch (error) {
    if (!isMissing(error)) throw asHuman(error, file);
    throw new HumanError(said('{0} was not found.', file), said('Check the path.'), 'not_found');
  }
}

async function readFully(
  handle: FileHandle,
  into: Uint8Array,
  position: number,
  file: string,
): Promise<void> {
  for (let done = 0; done < into.length;) {
    const { bytesRead } = await handle.read(
      into,
      done,
      Math.min(pieceBytes, into.length - done),
      position + done,
    );
    if (bytesRead === 0) throw broken(file, t('it is cut off'));
    done += bytesRead;
  }
}

async function writeFully(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;)
    done += (await handle.write(bytes, done, Math.min(pieceBytes, bytes.length - done))).bytesWritten;
}

function broken(file: string, what: string): HumanError {
  return new HumanError(
    said('{0} is damaged ({1}).', file, what),
    said('Use another copy of the file.'),
    'broken_file',
  );
}

function littleEndianOnly(): void {
  if (endianness() !== 'LE')
    throw new HumanError(
      said('This computer stores numbers big end first.'),
      said('Use another computer.'),
      'big_endian',
    );
}
