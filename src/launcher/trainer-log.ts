import { appendFile, open } from 'node:fs/promises';
import { isMissing } from '../text/system-errors.ts';
import { asHuman } from '../store/files.ts';
import { shortened } from '../text/words.ts';

/** What lines begin with that tell of a notification; they say nothing of the trainer. */
export const notifierSign = 'notify: ';

/** Marks where a trainer's output begins, since a resumed run's log holds several. */
export const headline = '--- trainer started ';

/** Writes the line that a new trainer's output stands under. */
export async function beginLog(file: string, time = new Date()): Promise<void> {
  try {
    await appendFile(file, `${headline}${time.toISOString()}\n`);
  } catch (error) {
    throw asHuman(error, file);
  }
}

/** Last lines that the latest trainer printed, oldest first, without colours and blank lines; empty when there is no log. */
export async function logTail(file: string, lines = 20): Promise<string[]> {
  const text = await lastBytes(file, 64 * 1024);
  const start = text.lastIndexOf(headline);
  return withoutColours(start < 0 ? text : text.slice(text.indexOf('\n', start) + 1))
    .split(/\r?\n/)
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && !line.startsWith(notifierSign))
    .slice(-lines);
}

/** The one line that says most about why a program ended: its error's first line, else its last line. */
export function tellingLine(lines: string[]): string | null {
  const error = lines.findLast((line) =>
    /^(Uncaught )?([A-Z]\w*)?(Error|Exception)\b.*: |FATAL ERROR|out of memory/.test(line),
  );
  const last = lines.findLast((line) => !/^\s|^Node\.js v|^}$/.test(line));
  const line = (error ?? last)?.trim();
  return line === undefined ? null : shortened(line, 300);
}

async function lastBytes(file: string, count: number): Promise<string> {
  let handle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    if (isMissing(error)) return '';
    throw error;
  }
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read({
      buffer: Buffer.alloc(Math.min(size, count)),
      position: Math.max(0, size - count),
    });
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** A text without what terminals take for colours. */
export const withoutColours = (text: string): string => text.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '');
