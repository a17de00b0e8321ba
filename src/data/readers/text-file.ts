import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { HumanError } from '../../protocol/human-error.ts';
import { machineFault } from '../machine-fault.ts';

const chunkBytes = 1 << 20;
/** UTF-16 units. */
const longestLine = 1 << 24;

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
      const isFirst = decoder === null;
      decoder ??= new TextDecoder(encodingOf(chunk.subarray(0, bytesRead)));
      const text = decoder.decode(chunk.subarray(0, bytesRead), { stream: true });
      if (isFirst && text.slice(0, 4096).includes('\0')) throw notText(file);
      yield text;
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
    if (text.length - start > longestLine)
      throw new HumanError(
        `Line ${number + 1} of ${basename(file)} is longer than 16 million letters.`,
        'A line holds one pair; look at the file in an editor.',
        'bad_file',
      );
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

function notText(file: string): HumanError {
  return new HumanError(
    `${basename(file)} is not a text file.`,
    'Save it as UTF-8, or name its format with data.format.',
    'bad_file',
  );
}

/** What a failed file operation means to a person. */
export function fileError(file: string, error: unknown): Error {
  const fault = machineFault(error, `${file} cannot be read`);
  if (fault) return fault;
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
  if (code === 'EISDIR')
    return new HumanError(`${file} is a folder.`, 'Name a file in it.', 'file_not_readable');
  if (error instanceof Error && code !== undefined)
    return new HumanError(
      `${file.length > 300 ? `${file.slice(0, 300)}…` : file} cannot be read (${troubles[code] ?? code}).`,
      'Check the path and the disk.',
      'file_not_readable',
    );
  return error instanceof Error ? error : new Error(String(error));
}

const troubles: Record<string, string> = {
  ELOOP: 'a link that leads to itself',
  ENAMETOOLONG: 'the name is too long',
  ERR_INVALID_ARG_VALUE: 'the name has a sign that no name may have',
  EIO: 'the disk reports an error',
};

function encodingOf(start: Uint8Array): string {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be';
  return 'utf-8';
}
