import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { FeaturesConfig } from '../../experiment/config.ts';
import { openRecordCache, type RecordCache } from '../../data/images/cache.ts';
import { counted } from '../../text/numbers.ts';
import { encoded, decoded, recordBytes } from './feature-record.ts';
import type { FrozenEncoder } from './frozen-encoder.ts';
import { gathered } from './gather.ts';
import { said, type Said } from '../../text/say.ts';

/** Features of one side's inputs: each is computed once and kept on the disk, for all epochs and all runs of the folder. */
export interface FeatureSource<Input extends Float32Array | Int32Array> {
  width: number;
  /** Rows of the probe's features: of every image's. Captions have one when pooled, else one a token. */
  rows: number;
  /** [rows, width] of an input, which is loaded only where its features are kept neither under the stamp nor, loaded, under its content. */
  get(stamp: string | null, rows: number, load: () => Promise<Input>): Promise<Float32Array>;
  has(stamp: string, rows: number): Promise<boolean>;
  /** Bytes on the disk of an input with so many rows. */
  bytes(rows: number): number;
  /** Gives the encoder's memory back until something is computed again. */
  rest(): Promise<void>;
  /** What keeps features from being kept; null when nothing does. */
  problem(): string | null;
  /** Kept features that cannot be used: of another version, or cut short; a sentence each. */
  notes(): Said[];
  close(): Promise<void>;
}

export interface FeatureOptions<Input> extends Pick<FeaturesConfig, 'dtype'> {
  /** Rows that a record has room for: few different numbers, since each is a folder of its own. */
  roomFor: (rows: number) => number;
  /** Some input: the features' shape is seen from it when the folder is new. */
  probe: Input;
  /** The bytes of an input as one. */
  asInput: (bytes: Uint8Array) => Input;
}

/** Changes whenever the layout of the files of features does: each version has folders of its own. */
const formatVersion = 1;

/**
 * Opens the features that an encoder makes, in a folder that is theirs alone; its about.json says whose they are. `place`: the folder's
 * path without what says the version.
 */
export async function openFeatures<Input extends Float32Array | Int32Array>(
  encoder: FrozenEncoder<Input>,
  place: string,
  { dtype, roomFor, probe, asInput }: FeatureOptions<Input>,
): Promise<FeatureSource<Input>> {
  const folder = `${place}-v${formatVersion}`;
  const notes = await otherVersions(place, folder);
  const { width, rows: ofProbe } = await shapeIn(folder, encoder, probe, dtype);
  const caches = new Map<number, Promise<RecordCache>>();
  const opened: RecordCache[] = [];
  const running = new Map<string, Promise<Float32Array>>();
  /** Inputs that are looked up or loaded, and so may yet join a batch. */
  let onTheirWay = 0;

  const bytes = (rows: number): number => recordBytes(roomFor(rows) * width, dtype);
  const cacheOf = (rows: number): Promise<RecordCache> => {
    const room = roomFor(rows);
    let cache = caches.get(room);
    if (!cache) {
      caches.set(room, (cache = openRecordCache(join(folder, `${room}`), bytes(rows))));
      void cache.then((one) => opened.push(one));
    }
    return cache;
  };
  const queue = gathered(encoder.batch, async (sources: Uint8Array[], room) => {
    const { each } = await encoder.compute(sources.map(asInput));
    return each.map((values) => encoded(values, room * width, dtype, encoder.name));
  });
  const arrived = (): void => {
    if (--onTheirWay === 0) queue.flush();
  };

  const compute = async (
    stamp: string | null,
    rows: number,
    load: () => Promise<Input>,
  ): Promise<Float32Array> => {
    let isWaiting = false;
    onTheirWay++;
    try {
      const cache = await cacheOf(rows);
      const { record } = await cache.fetch(
        stamp,
        async () => {
          const { buffer, byteOffset, byteLength } = await load();
          return new Uint8Array(buffer, byteOffset, byteLength);
        },
        (source) => {
          isWaiting = true;
          const made = queue.add(source, roomFor(rows));
          arrived();
          return made;
        },
      );
      return decoded(record, rows * width, dtype);
    } finally {
      if (!isWaiting) arrived();
    }
  };

  return {
    width,
    rows: ofProbe,
    get(stamp, rows, load) {
      if (stamp === null) return compute(stamp, rows, load);
      let result = running.get(stamp);
      if (!result) {
        result = compute(stamp, rows, load).finally(() => running.delete(stamp));
        running.set(stamp, result);
      }
      return result;
    },
    has: async (stamp, rows) => (await cacheOf(rows)).has(stamp),
    bytes,
    rest: () => encoder.dispose(),
    notes() {
      const cut = opened.reduce((sum, cache) => sum + cache.cut(), 0);
      const ofCut = said(
        'Features are computed again: of {0} in {1} the file was cut short.',
        counted(cut),
        folder,
      );
      return cut === 0 ? notes : [...notes, ofCut];
    },
    problem: () => opened.map((cache) => cache.problem()).find((problem) => problem !== null) ?? null,
    async close() {
      await Promise.allSettled(running.values());
      for (const cache of caches.values()) await (await cache).close();
      await encoder.dispose();
    },
  };
}

/** Features that another version of Tandem kept for the same encoder and inputs. */
async function otherVersions(place: string, own: string): Promise<Said[]> {
  const names = await readdir(dirname(place)).catch(() => []); // there are none yet
  return names
    .filter((name) => name.startsWith(`${basename(place)}-v`) && name !== basename(own))
    .map((name) =>
      said(
        'Features are computed again: those in {0} are of another version of Tandem. tandem cache --clear removes them.',
        join(dirname(place), name),
      ),
    );
}

/** What a folder of features is of. */
interface About {
  encoder: string;
  dtype: string;
  width: number;
  rows: number;
}

/** From about.json, or from the probe's features. */
async function shapeIn<Input extends Float32Array | Int32Array>(
  folder: string,
  encoder: FrozenEncoder<Input>,
  probe: Input,
  dtype: string,
): Promise<Pick<About, 'width' | 'rows'>> {
  const file = join(folder, 'about.json');
  const known = await readFile(file, 'utf8')
    .then((text) => JSON.parse(text) as Partial<About>)
    .catch(() => null); // there is none yet, or it was cut: it is written again
  if (Number.isInteger(known?.width) && Number.isInteger(known?.rows)) return known as About;
  const { width, each } = await encoder.compute([probe]);
  const about: About = { encoder: encoder.name, dtype, width, rows: each[0]!.length / width };
  await mkdir(folder, { recursive: true })
    .then(() => writeFile(file, `${JSON.stringify(about, null, 2)}\n`))
    .catch(() => undefined); // what keeps features from being kept is told with the first of them
  return about;
}
