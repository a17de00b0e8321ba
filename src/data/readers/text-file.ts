import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { HumanError } from '../../protocol/human-error.ts';
import { byLibrary, openForReading } from './file-errors.ts';
import { isGzip } from './beginning.ts';
import { said } from '../../text/say.ts';

const chunkBytes = 1 << 20;
/** UTF-16 units. */
const longestLine = 1 << 24;

/**
 * The text of a file in chunks, whatever its size: UTF-8, or UTF-16 when its byte order mark says so; the mark is not part of it.
 * What gzip compressed is unpacked. Bytes that are not text become U+FFFD.
 */
export async function* textChunks(file: string, signal?: AbortSignal): AsyncGenerator<string> {
  let decoder: TextDecoder | null = null;
  for await (const chunk of unpackedChunks(file, signal)) {
    const isFirst = decoder === null;
    decoder ??= new TextDecoder(encodingOf(chunk));
    const text = decoder.decode(chunk, { stream: true });
    if (isFirst && text.slice(0, 4096).includes('\0')) throw notText(file);
    yield text;
  }
  const rest = decoder?.decode();
  if (rest) yield rest;
}

/** The text of a small file that is in memory. */
export function textOfBytes(bytes: Uint8Array): string {
  return new TextDecoder(encodingOf(bytes)).decode(bytes);
}

/** The bytes of a file in chunks, those of what gzip compressed after unpacking. */
export async function* unpackedChunks(file: string, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const handle = await openForReading(file);
  try {
    const written = chunksOf(handle, signal);
    const first = await written.next();
    if (first.done) return;
    const all = (async function* () {
      yield first.value;
      yield* written;
    })();
    if (isGzip(first.value)) yield* unpacked(file, all);
    else yield* all;
  } finally {
    await handle.close();
  }
}

async function* chunksOf(
  handle: Awaited<ReturnType<typeof openForReading>>,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for (;;) {
    signal?.throwIfAborted();
    const chunk = Buffer.allocUnsafe(chunkBytes);
    const { bytesRead } = await handle.read(chunk, 0, chunkBytes);
    if (bytesRead === 0) return;
    yield chunk.subarray(0, bytesRead);
  }
}

async function* unpacked(file: string, packed: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = Readable.from(packed, { objectMode: false });
  const gunzip = createGunzip({ chunkSize: chunkBytes });
  source.on('error', (error) => gunzip.destroy(error));
  const chunks = source.pipe(gunzip)[Symbol.asyncIterator]();
  for (;;) {
    const next = await byLibrary(file, () => chunks.next() as Promise<IteratorResult<Buffer, undefined>>);
    if (next.done) return;
    yield next.value;
  }
}

/** Calls `onLine` for each line without its end (LF, CRLF or CR), with its 1-based number. */
export async function eachLine(
  file: string,
  onLine: (line: string, number: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  let rest = '';
  let number = 0;
  const take = (text: string, isLast: boolean): string => {
    let start = 0;
    for (;;) {
      const feed = text.indexOf('\n', start);
      if (feed < 0) break;
      for (const line of text
        .slice(start, text[feed - 1] === '\r' && feed > start ? feed - 1 : feed)
        .split('\r'))
        onLine(line, ++number);
      start = feed + 1;
    }
    if (isLast && start < text.length)
      for (const line of text.slice(start).replace(/\r$/, '').split('\r')) onLine(line, ++number);
    if (text.length - start > longestLine)
      throw new HumanError(
        said('Line {0} of {1} is longer than 16 million letters.', number + 1, basename(file)),
        said('A line holds one pair; look at the file in an editor.'),
        'bad_file',
      );
    return text.slice(start);
  };
  for await (const chunk of textChunks(file, signal)) rest = take(rest + chunk, false);
  take(rest, true);
}

function notText(file: string): HumanError {
  return new HumanError(
    said('{0} is not a text file.', basename(file)),
    said('Save it as UTF-8, or name its format with data.format.'),
    'bad_file',
  );
}

function encodingOf(start: Uint8Array): string {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be';
  return 'utf-8';
}
