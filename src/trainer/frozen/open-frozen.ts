import { mkdtemp, rm } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunConfig } from '../../experiment/config.ts';
import type { FrozenInputs } from '../../data/frozen-inputs.ts';
import { decoderVersion } from '../../data/images/images.ts';
import type { Engine } from '../engines/engine.ts';
import { bucketOf } from '../evaluation/pair-scores.ts';
import type { GivenFeatures } from '../model/given-features.ts';
import { imagePrefix, textPrefix } from '../model/model.ts';
import { imageEncoder, poolerOf, textEncoder } from '../model/encoders.ts';
import type { Encoders } from '../weights/prepare.ts';
import { openFeatures, type FeatureSource } from './feature-source.ts';
import { fileHash } from './file-hash.ts';
import type { FrozenEncoder, Rows } from './frozen-encoder.ts';
import { imageModel } from './image-model.ts';
import { ownCaptions, ownImages } from './own-encoder.ts';
import { textModel } from './text-model.ts';
import { type Said } from '../../text/say.ts';

/** The encoders of a run that do not learn. */
export interface FrozenEncoders {
  image: FrozenEncoder<Float32Array> | null;
  text: FrozenEncoder<Int32Array> | null;
}

type FrozenRun = Pick<RunConfig, 'data' | 'model' | 'seed'>;

/** `onlyExported`: encoders of ours are left to the model. */
export async function frozenEncoders(
  { data, model, seed }: FrozenRun,
  encoders: Encoders,
  engine: Engine,
  { onlyExported = false } = {},
): Promise<FrozenEncoders> {
  const { image_encoder: image, text_encoder: text } = model;
  const rows: Rows = model.fusion.kind === 'late' ? 'pooled' : 'all';
  const { exported, files } = encoders;
  const keyOf = async (side: 'image' | 'text', name: string): Promise<string> =>
    `${name} ${files[side].length > 0 ? await fileHash(files[side]) : `random ${seed}`}`;
  const ownImage = async (): Promise<FrozenEncoder<Float32Array>> => {
    const encoder = imageEncoder(encoders.shapes.image!, imagePrefix);
    const arrays = () => encoders.load('image', encoder.parameters, seed);
    const key = await keyOf('image', image.name);
    return ownImages({ name: image.name, key, encoder, arrays, engine }, data.image_size, rows);
  };
  const ownText = async (): Promise<FrozenEncoder<Int32Array>> => {
    const encoder = textEncoder(encoders.shapes.text!, textPrefix, text.pooling);
    const arrays = () => encoders.load('text', encoder.parameters, seed);
    const pooled = rows === 'pooled' ? ` ${text.pooling}` : '';
    const key = `${await keyOf('text', text.name)}${pooled}`;
    return ownCaptions({ name: text.name, key, encoder, arrays, engine }, rows);
  };
  const isOwnWanted = (train: typeof image.train): boolean => train === 'frozen' && !onlyExported;
  return {
    image: exported.image
      ? await imageModel(exported.image, data.image_size, rows, engine)
      : isOwnWanted(image.train)
        ? await ownImage()
        : null,
    text: exported.text
      ? await textModel(exported.text, encoders.tokenizer.padId, text.pooling, rows, engine)
      : isOwnWanted(text.train)
        ? await ownText()
        : null,
  };
}

/** Features of a run's frozen encoders, where they are kept. */
export interface FrozenFeatures {
  /** For the model, which takes them in the place of images and captions. */
  given: GivenFeatures;
  /** For the loaders. */
  inputs: FrozenInputs;
  /** Where they are kept. */
  folder: string;
  /** Gives the encoders' memory back until something is computed again. */
  rest(): Promise<void>;
  /** What keeps them from being kept; null when nothing does. */
  problem(): string | null;
  /** Kept features that cannot be used; a sentence each. */
  notes(): Said[];
  close(): Promise<void>;
}

/** null where both encoders learn. Without a cache folder they are kept in a temporary one, for the run alone. */
export async function openFrozenFeatures(
  config: FrozenRun,
  encoders: Encoders,
  engine: Engine,
): Promise<FrozenFeatures | null> {
  const { image, text } = await frozenEncoders(config, encoders, engine);
  if (!image && !text) return null;
  const { data, model } = config;
  const isPooled = model.fusion.kind === 'late';
  const { dtype, views } = data.features;
  const scratch = data.cache_dir === null ? await mkdtemp(join(tmpdir(), 'tandem-features-')) : null;
  const folder = scratch ?? join(data.cache_dir!, 'features');
  const place = (side: string, ...parts: (string | number)[]): string => {
    const hash = createHash('sha256').update([isPooled, dtype, ...parts].join('\n'));
    return join(folder, `${side}-${hash.digest('hex').slice(0, 16)}`);
  };
  const side = data.image_size;
  const images =
    image &&
    (await openFeatures(
      image,
      place('image', image.key, side, JSON.stringify(encoders.preprocessing), await decoderVersion()),
      {
        dtype,
        roomFor: (rows) => rows,
        probe: new Float32Array(side * side * 3),
        asInput: ({ buffer, byteOffset, byteLength }) =>
          new Float32Array(buffer, byteOffset, byteLength / Float32Array.BYTES_PER_ELEMENT),
      },
    ));
  const captions =
    text &&
    (await openFeatures(text, place('text', text.key), {
      dtype,
      roomFor: (rows) => (rows === 1 ? 1 : bucketOf(rows)),
      probe: encoders.tokenizer.encode('a', 8),
      asInput: ({ buffer, byteOffset, byteLength }) =>
        new Int32Array(buffer, byteOffset, byteLength / Int32Array.BYTES_PER_ELEMENT),
    }));
  const sources: FeatureSource<never>[] = [images, captions].filter((source) => source !== null);
  return {
    given: {
      ...(images && { image: images }),
      ...(captions && {
        text: {
          width: captions.width,
          pool: poolerOf(encoders.shapes.text?.kind ?? 'bert', model.text_encoder.pooling),
        },
      }),
    },
    folder,
    inputs: { image: images, text: captions, isPooled, views },
    async rest() {
      for (const source of sources) await source.rest();
    },
    problem: () => sources.map((source) => source.problem()).find((problem) => problem !== null) ?? null,
    notes: () => sources.flatMap((source) => source.notes()),
    async close() {
      for (const source of sources) await source.close();
      if (scratch) await rm(scratch, { recursive: true, force: true });
    },
  };
}
