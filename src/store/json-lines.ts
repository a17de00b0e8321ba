import { open } from 'node:fs/promises';
import { toJson } from '../protocol/numbers.ts';
import { asHuman } from './files.ts';

/** Appends a value to a file of one JSON a line; two programs may do so at the same moment. */
export async function appendJsonLine(file: string, value: unknown): Promise<void> {
  try {
    const handle = await open(file, 'a+');
    try {
      const { size } = await handle.stat();
      const { buffer } = size
        ? await handle.read(Buffer.alloc(1), 0, 1, size - 1)
        : { buffer: Buffer.from('\n') };
      // A torn last line of someone who was killed must not swallow ours.
      await handle.appendFile(`${buffer[0] === 10 ? '' : '\n'}${toJson(value)}\n`);
      await handle.datasync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw asHuman(error, file);
  }
}

/** The values of such a text; torn lines are passed over. */
export function readJsonLines(text: string): unknown[] {
  return text.split('\n').flatMap((line): unknown[] => {
    if (line === '') return [];
    try {
      return [JSON.parse(line)];
    } catch {
      return []; // Torn.
    }
  });
}
