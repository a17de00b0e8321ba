import { open } from 'node:fs/promises';
import { HumanError } from '../../protocol/human-error.ts';

const chunkBytes = 1 << 20;

/**
 * The text of a file in chunks, whatever its size: UTF-8, or UTF-16 when its byte order mark says so; the mark is not part of it.
 * Bytes that are not text become U+FFFD.
 */
export async function* textChunks(file: string, signal?: AbortSignal): AsyncGenerator<string> {
  const handle = await openForReading(file);
  try {
    let decoder: TextDecoder | null = null;
    for (let chunk = Buffer.allocUnsafe(chunkBytes); ; chunk = Buffer.allocUnsafe(chunkBytes)) {
      signal?.throwIfAborted();
      const { bytesRead } = await handle.read(chunk, 0, chunkBytes);
      if (bytesRead === 0) break;
      decoder ??= new TextDecoder(encodingOf(chunk.subarray(0, bytesRead)));
      yield decoder.decode(chunk.subarray(0, bytesRead), { stream: true });
    }
    const rest = decoder?.decode();
    if (rest) yield rest;
  } finally {
    await handle.close();
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
    return text.slice(start);
  };
  for await (const chunk of textChunks(file, signal)) rest = take(rest + chunk, false);
  take(rest, true);
}

/** A handle on a file that a person named; a HumanError says when it is not there, is a folder or may not be read. */
export async function openForReading(file: string): Promise<Awaited<ReturnType<typeof open>>> {
  try {
    return await open(file, 'r');
  } catch (error) {
    throw fileError(file, error);
  }
}

/** What a failed file operation means to a person. */
export function fileError(file: string, error: unknown): Error {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new HumanError(
      `${file} was not found.`,
      'A path in an experiment starts at the folder of the experiment file.',
      'file_not_found',
    );
  if (code === 'EACCES' || code === 'EPERM')
    return new HumanError(
      `${file} may not be read.`,
      'Give yourself the right to read it.',
      'file_not_readable',
    );
  return error instanceof Error ? error : new Error(String(error));
}

function encodingOf(start: Uint8Array): string {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be';
  return 'utf-8';
}
