import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { checkSum, decodeEntries, entryBytes, type IndexEntry } from './cache-index.ts';
import { cacheWriter } from './cache-writer.ts';
import { hash32 } from '../../text/hash.ts';
import { KeyTable, keyOf, type Key } from '../columns/key-table.ts';
import { openFiles } from '../readers/open-files.ts';
import { t } from '../../text/say.ts';

export interface CachedRecord {
  record: Uint8Array;
  /** For `read`; -1 when it is not in the cache (it could not be written). */
  location: number;
}

/** Records of one size, made once of what they depend on: pixels of an image's file, features of pixels. */
export interface RecordCache {
  /**
   * A record: from the cache by its stamp (path, size, time), else by the bytes that it is made of, else made and put there.
   * Rejects as `load` and `make` do; never because of the cache itself. What `make` gave is read until then, and no longer.
   */
  fetch<Source extends Uint8Array>(
    stamp: string | null,
    load: () => Promise<Source>,
    make: (source: Source) => Promise<Uint8Array>,
  ): Promise<CachedRecord>;
  /** Whether `fetch` would find it by its stamp. */
  has(stamp: string): Promise<boolean>;
  /** Writes what `fetch` gave before; false when it can no longer be read. */
  read(location: number, into: Uint8Array): Promise<boolean>;
  /** What keeps the cache from being written, if something does. */
  problem(): string | null;
  /** Records that were there and are not whole any more: their files were cut. They are made again. */
  cut(): number;
  /** Writes down what is still in memory. */
  close(): Promise<void>;
  /** Bytes of memory that the index takes. */
  bytes(): number;
}

/** Others that write to the same cache are looked at again when an image is missing, but not more often than this. */
const refreshMs = 2000;

/**
 * Opens the cache of images of one size, `<folder>/<side>px-<settings>/`: see `openRecordCache`.
 * @param settings whatever else the pixels depend on: the decoder's version
 */
export function openImageCache(folder: string, side: number, settings: string): Promise<RecordCache> {
  const name = `${side}px-${hash32('picture cache 1', settings).toString(16).padStart(8, '0')}`;
  return openRecordCache(join(folder, name), side * side * 3);
}

/**
 * Opens a folder of records of one size, one after the other in `<name>.pixels`, found through `<name>.index`. Every process that writes has its own pair of files and appends to them only, pixels
 * before index; so any number may run at once, and a kill at any byte costs the images that were being written. Each
 * record has a check sum. A cache may be deleted at any time that nothing runs.
 */
export async function openRecordCache(place: string, recordBytes: number): Promise<RecordCache> {
  const ownName = `${Date.now().toString(36)}-${randomBytes(4).toString('hex')}`;
  const files = openFiles(32);
  const index = new CacheIndex(recordBytes);
  const inFlight = new Map<string, Promise<unknown>>();
  let refreshed = -Infinity;
  let refreshing: Promise<void> | null = null;
  let isWritable = await mkdir(place, { recursive: true }).then(
    () => true,
    () => false,
  );
  const writer = cacheWriter(join(place, ownName), recordBytes);

  const refresh = (): Promise<void> => {
    if (performance.now() - refreshed < refreshMs) return refreshing ?? Promise.resolve();
    refreshed = performance.now();
    refreshing = index.readFolder(place, ownName);
    return refreshing;
  };
  await refresh();

  const read = async (location: number, into: Uint8Array): Promise<boolean> => {
    const { name, record: number, check, isSound } = index.at(location);
    try {
      const handle = await files.get(join(place, `${name}.pixels`));
      const { bytesRead } = await handle.read(into, 0, recordBytes, number * recordBytes);
      if (bytesRead !== recordBytes || (!isSound && checkSum(into) !== check)) return false;
      index.setSound(location);
      return true;
    } catch {
      // Deleted or unreadable: it is made again.
      return false;
    }
  };

  /** Where something is by its key, looking at what others wrote meanwhile. */
  const placeOf = async (find: () => number): Promise<number> => {
    if (find() < 0) await refresh();
    return find();
  };
  const found = async (find: () => number): Promise<CachedRecord | null> => {
    const location = await placeOf(find);
    if (location < 0) return null;
    const record = new Uint8Array(recordBytes);
    return (await read(location, record)) ? { record, location } : null;
  };

  const put = async (entry: IndexEntry, record: Uint8Array | null): Promise<number> => {
    if (!isWritable) return -1;
    try {
      const number = await writer.add(entry, record);
      const location = index.add(ownName, { ...entry, record: number });
      if (record) index.setSound(location);
      return location;
    } catch {
      // The disk is full or gone: `problem` says so, training goes on without the cache.
      isWritable = false;
      return -1;
    }
  };

  const fetchNew: RecordCache['fetch'] = async (stamp, load, make) => {
    const stampKey = keyOf(stamp ?? '');
    const known = stamp === null ? null : await found(() => index.byStamp(stampKey));
    if (known) return known;
    const source = await load();
    const content = keyOf(source);
    const same = await found(() => index.byContent(content));
    if (same) {
      if (stamp !== null) await put({ stamp: stampKey, content, record: null, check: 0 }, null);
      return same;
    }
    const record = await make(source);
    const location = await put({ stamp: stampKey, content, record: 0, check: checkSum(record) }, record);
    return { record, location };
  };

  return {
    async fetch(stamp, load, make) {
      if (stamp === null) return fetchNew(stamp, load, make);
      // Whoever waited for another's record finds it in the cache: the memory that it was made in is the other's.
      for (let other; (other = inFlight.get(stamp));) await other.catch(() => undefined);
      const running = fetchNew(stamp, load, make).finally(() => inFlight.delete(stamp));
      inFlight.set(stamp, running);
      return running;
    },
    async has(stamp) {
      const key = keyOf(stamp);
      return (await placeOf(() => index.byStamp(key))) >= 0;
    },
    read,
    cut: () => index.cut,
    problem: () => (isWritable ? null : (writer.problem() ?? t('{0} cannot be written', place))),
    async close() {
      await Promise.allSettled(inFlight.values());
      await writer.close();
      await files.close();
    },
    bytes: () => index.bytes,
  };
}

interface Place {
  name: string;
  record: number;
  check: number;
  /** It was compared once. */
  isSound: boolean;
}

/** What the index files say, in memory: about 60 bytes an image. */
class CacheIndex {
  private readonly stamps = new KeyTable();
  private readonly contents = new KeyTable();
  private readonly names: string[] = [];
  /** Four words a location: name, record, check sum, and 1 once that was compared: a record is read each epoch, and torn by a crash only. */
  private places = new Uint32Array(4 * 64);
  private count = 0;
  /** Bytes read of each index file. */
  private readonly readTo = new Map<string, number>();
  cut = 0;

  constructor(private readonly recordBytes: number) {}

  get bytes(): number {
    return this.stamps.bytes + this.contents.bytes + this.places.byteLength;
  }

  byStamp = (key: Key): number => this.stamps.get(key);
  byContent = (key: Key): number => this.contents.get(key);

  at(location: number): Place {
    const [name, record, check, isSound] = this.places.subarray(location * 4, location * 4 + 4);
    return { name: this.names[name!]!, record: record!, check: check!, isSound: isSound === 1 };
  }

  setSound(location: number): void {
    this.places[location * 4 + 3] = 1;
  }

  /** Takes an entry up and returns its location; a later one for the same content replaces the earlier. */
  add(name: string, { stamp, content, record, check }: IndexEntry): number {
    let location = this.contents.get(content);
    if (record !== null) {
      let nameIndex = this.names.lastIndexOf(name);
      if (nameIndex < 0) nameIndex = this.names.push(name) - 1;
      if (this.count * 4 === this.places.length) {
        const larger = new Uint32Array(this.places.length * 2);
        larger.set(this.places);
        this.places = larger;
      }
      location = this.count++;
      this.places.set([nameIndex, record, check, 0], location * 4);
      this.contents.set(content, location);
    }
    if (location >= 0) this.stamps.set(stamp, location);
    return location;
  }

  /** Reads what was appended to the index files of the folder since the last time, all but our own. */
  async readFolder(folder: string, ownName: string): Promise<void> {
    const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.index')).sort();
    const links: [string, IndexEntry][] = [];
    for (const file of names) {
      const name = file.slice(0, -'.index'.length);
      if (name === ownName) continue;
      const entries = decodeEntries(await this.newBytes(join(folder, file), name));
      // Looked at afterwards: records are written before their entries.
      const whole = entries.length === 0 ? 0 : await this.wholeRecords(join(folder, `${name}.pixels`));
      for (const entry of entries) {
        // Whose content stands in a file that is read later.
        if (entry.record === null) links.push([name, entry]);
        else if (entry.record < whole) this.add(name, entry);
        else this.cut++;
      }
    }
    for (const [name, entry] of links) this.add(name, entry);
  }

  /** How many there are in a file; 0 when it is gone. */
  private async wholeRecords(file: string): Promise<number> {
    const { size } = await stat(file).catch(() => ({ size: 0 }));
    return Math.floor(size / this.recordBytes);
  }

  private async newBytes(file: string, name: string): Promise<Buffer> {
    const from = this.readTo.get(name) ?? 0;
    try {
      const handle = await open(file, 'r');
      try {
        const { size } = await handle.stat();
        const whole = Math.floor((size - from) / entryBytes) * entryBytes;
        const bytes = Buffer.alloc(Math.max(whole, 0));
        const { bytesRead } = await handle.read(bytes, 0, bytes.length, from);
        this.readTo.set(name, from + bytesRead);
        return bytes.subarray(0, bytesRead);
      } finally {
        await handle.close();
      }
    } catch {
      // Deleted meanwhile: its images are decoded again.
      return Buffer.alloc(0);
    }
  }
}
