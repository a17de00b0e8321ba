import { stat } from 'node:fs/promises';
import { beginningOf } from './beginning.ts';
import { openFiles } from './open-files.ts';
import { readFully } from './read-fully.ts';
import { scratchFile } from './scratch.ts';
import { unpackedChunks } from './text-file.ts';
import { said } from '../../text/say.ts';

/** The bytes of a shard after unpacking, to be read anywhere. */
export interface ShardBytes {
  size: number;
  /** Fills the buffer; rejects when the shard ends before. */
  read(into: Uint8Array, position: number): Promise<void>;
}

export interface Shards {
  get(index: number): Promise<ShardBytes>;
  /** Changes when the file of the shard does. */
  stamp(index: number): Promise<string>;
  /** Closes the files, but keeps what was unpacked. */
  release(): Promise<void>;
  /** Closes and gives back what was opened; what is asked for later opens it again. */
  close(): Promise<void>;
}

/** Opens shards as they are asked for, at most 32 files at a time. Those that gzip compressed are unpacked, once each, into a temporary file. */
export function openShards(files: readonly string[]): Shards {
  const open = openFiles(32);
  const scratch = scratchFile(said('Shards that are compressed'));
  const known = new Map<number, Promise<ShardBytes>>();
  let queue: Promise<unknown> = Promise.resolve();

  const plain = async (file: string): Promise<ShardBytes> => ({
    size: (await stat(file)).size,
    read: async (into, position) => readFully(await open.get(file), into, position),
  });
  const unpacked = async (file: string): Promise<ShardBytes> => {
    let start = -1;
    let size = 0;
    for await (const chunk of unpackedChunks(file)) {
      const at = await scratch.append(chunk);
      if (start < 0) start = at;
      size += chunk.length;
    }
    return { size, read: (into, position) => scratch.read(into, start + position) };
  };
  const opened = async (file: string): Promise<ShardBytes> => {
    if (!(await beginningOf(file)).isPacked) return plain(file);
    // One after the other: each shard lies in one piece.
    const done = queue.then(() => unpacked(file));
    queue = done.catch(() => undefined);
    return done;
  };

  return {
    get(index) {
      const found = known.get(index) ?? opened(files[index]!);
      known.set(index, found);
      return found;
    },
    stamp: (index) => open.stamp(files[index]!),
    release: () => open.close(),
    async close() {
      await queue;
      known.clear();
      await scratch.close();
      await open.close();
    },
  };
}
