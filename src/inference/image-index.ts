import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { toFloat32, toHalf, type Tensors } from '../store/tensors.ts';
import { readVectorIndex, writeVectorIndex } from '../store/vector-index.ts';
import type { ImageVectors } from '../trainer/evaluation/vectors.ts';
import { batchSize, type FinishedModel } from './finished-model.ts';
import { imageFilesIn, pixelsOf, type ImageFile } from './folder-images.ts';

/** The vectors of a folder's images, in order of names. */
export interface ImageIndex {
  folder: string;
  files: ImageFile[];
  dim: number;
  /** [files, dim] */
  pooled: Float32Array;
  /** What the fusion's own scores are computed from, [files, regions, width] in half precision; null where it has none or they are too large. */
  regions: Uint16Array | null;
  unreadable: Unreadable[];
}

interface Unreadable extends ImageFile {
  reason: string;
}

export interface IndexChange {
  index: ImageIndex;
  added: number;
  removed: number;
}

interface IndexFile {
  folder: string;
  files: ImageFile[];
  unreadable: Unreadable[];
}

/** Regions are kept up to this many bytes; beyond that the few images that are scored again are decoded again. */
const mostRegionBytes = 1e9;

/** What is computed is on the disk after this time at the latest: an interrupted index goes on from there. */
const saveEveryMs = 30_000;

export interface IndexOptions {
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

/** The index as it was left, without a look at the folder; null when there is none for this model. */
export async function openImageIndex(model: FinishedModel, folder: string): Promise<ImageIndex | null> {
  const kept = await readVectorIndex<IndexFile>(model.dir, imageIndexName(folder), model.step);
  const pooled = kept?.tensors['pooled'];
  if (!kept || pooled?.shape.length !== 2 || pooled.shape[0] !== kept.facts.files.length) return null;
  const { files, unreadable } = kept.facts;
  const regions = kept.tensors['regions']?.data;
  return {
    folder: resolve(folder),
    files,
    unreadable,
    dim: pooled.shape[1]!,
    pooled: toFloat32(pooled),
    regions: regions instanceof Uint16Array ? regions : null,
  };
}

/**
 * Brings an index up to date with its folder: only images that are new or changed are computed. It is saved as it grows, and when it is
 * cancelled (then this rejects with the signal's reason).
 */
export async function updateImageIndex(
  model: FinishedModel,
  folder: string,
  before: ImageIndex | null,
  { signal, onProgress }: IndexOptions = {},
): Promise<IndexChange> {
  const files = await imageFilesIn(folder, signal);
  const known = new Map(before?.files.map((file, row) => [stampOf(file), row]));
  const knownBad = new Map(before?.unreadable.map((file) => [stampOf(file), file]));
  const rows = new Rows(model, before);
  const unreadable: Unreadable[] = [];
  const wanted: ImageFile[] = [];
  for (const file of files) {
    const row = known.get(stampOf(file));
    const bad = knownBad.get(stampOf(file));
    if (row !== undefined) rows.keep(file, row);
    else if (bad) unreadable.push(bad);
    else wanted.push(file);
  }
  const names = new Set(files.map(({ name }) => name));
  const gone = before ? before.files.filter(({ name }) => !names.has(name)).length : 0;
  if (
    before &&
    wanted.length === 0 &&
    rows.count === before.files.length &&
    unreadable.length === before.unreadable.length
  )
    return { index: before, added: 0, removed: 0 };

  const current = (): ImageIndex => ({ folder: resolve(folder), unreadable, ...rows.sorted() });
  const save = (): Promise<void> => saveIndex(model, current());
  let saved = performance.now();
  const decode = (start: number) => {
    const part = wanted.slice(start, start + batchSize);
    return pixelsOf(
      part.map(({ name }) => join(folder, name)),
      model.config.data.image_size,
      model.preprocessing,
    );
  };
  try {
    let next = wanted.length > 0 ? decode(0) : null;
    for (let start = 0; start < wanted.length; start += batchSize) {
      onProgress?.(start, wanted.length);
      signal?.throwIfAborted();
      const { pixels, decoded, failed } = await next!;
      next = start + batchSize < wanted.length ? decode(start + batchSize) : null;
      next?.catch(() => undefined); // its failure is told when its turn comes
      if (decoded.length > 0) {
        const vectors = await model.embedder.images(pixels, model.config.data.image_size);
        rows.add(
          decoded.map((at) => wanted[start + at]!),
          vectors,
        );
      }
      for (const { at, reason } of failed) unreadable.push({ ...wanted[start + at]!, reason });
      if (performance.now() - saved < saveEveryMs) continue;
      await save();
      saved = performance.now();
    }
    onProgress?.(wanted.length, wanted.length);
  } finally {
    await save();
  }
  return { index: current(), added: wanted.length, removed: gone };
}

/** Vectors of a few of its images for the fusion's own scores: kept ones, or computed again. Those whose file went meanwhile are left out. */
export async function vectorsAt(
  model: FinishedModel,
  index: ImageIndex,
  places: ArrayLike<number>,
): Promise<{ vectors: ImageVectors; places: number[] }> {
  const { dim, pooled, regions, files, folder } = index;
  const all = Array.from(places);
  if (!regions) {
    const side = model.config.data.image_size;
    const { pixels, decoded } = await pixelsOf(
      all.map((at) => join(folder, files[at]!.name)),
      side,
      model.preprocessing,
    );
    return { vectors: await model.embedder.images(pixels, side), places: decoded.map((at) => all[at]!) };
  }
  const size = regions.length / files.length;
  const picked = new Uint16Array(all.length * size);
  const vectors = new Float32Array(all.length * dim);
  all.forEach((at, row) => {
    picked.set(regions.subarray(at * size, (at + 1) * size), row * size);
    vectors.set(pooled.subarray(at * dim, (at + 1) * dim), row * dim);
  });
  return {
    vectors: {
      count: all.length,
      dim,
      pooled: vectors,
      regions: toFloat32({ dtype: 'F16', shape: [picked.length], data: picked }),
    },
    places: all,
  };
}

async function saveIndex(model: FinishedModel, index: ImageIndex): Promise<void> {
  const { folder, files, unreadable, dim, pooled, regions } = index;
  const tensors: Tensors = {
    pooled: { dtype: 'F32', shape: [files.length, dim], data: pooled as Float32Array<ArrayBuffer> },
  };
  if (regions)
    tensors['regions'] = {
      dtype: 'F16',
      shape: [files.length, regions.length / Math.max(1, files.length)],
      data: regions as Uint16Array<ArrayBuffer>,
    };
  await writeVectorIndex<IndexFile>(model.dir, imageIndexName(folder), model.step, {
    tensors,
    facts: { folder, files, unreadable },
  });
}

/** One file per folder, whatever the folder is called. */
export const imageIndexName = (folder: string): string =>
  `images-${createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 16)}`;

const stampOf = ({ name, size, mtimeMs }: ImageFile): string => `${size} ${mtimeMs} ${name}`;

/** Rows of an index while it grows: some of an earlier one, and new ones. */
class Rows {
  private readonly kept: { file: ImageFile; row: number }[] = [];
  private readonly added: { file: ImageFile; pooled: Float32Array; regions: Uint16Array | null }[] = [];
  private dim: number;

  constructor(
    private readonly model: FinishedModel,
    private readonly before: ImageIndex | null,
  ) {
    this.dim = before?.dim ?? 0;
  }

  get count(): number {
    return this.kept.length + this.added.length;
  }

  keep(file: ImageFile, row: number): void {
    this.kept.push({ file, row });
  }

  add(files: readonly ImageFile[], { dim, pooled, regions }: ImageVectors): void {
    this.dim = dim;
    const halves = regions && toHalf(regions);
    const size = halves ? halves.length / files.length : 0;
    files.forEach((file, row) =>
      this.added.push({
        file,
        pooled: pooled.slice(row * dim, (row + 1) * dim),
        regions: halves && halves.slice(row * size, (row + 1) * size),
      }),
    );
  }

  /** All rows in order of names. */
  sorted(): Pick<ImageIndex, 'files' | 'dim' | 'pooled' | 'regions'> {
    const { before, dim } = this;
    const sources = [
      ...this.kept.map(({ file, row }) => ({
        file,
        pooled: before!.pooled.subarray(row * dim, (row + 1) * dim),
        regions: before!.regions && rowOf(before!.regions, before!.files.length, row),
      })),
      ...this.added,
    ].sort((a, b) => (a.file.name < b.file.name ? -1 : 1));
    const pooled = new Float32Array(sources.length * dim);
    sources.forEach((source, row) => pooled.set(source.pooled, row * dim));
    const size = sources[0]?.regions?.length ?? 0;
    const isKept = sources.every(({ regions }) => regions) && sources.length * size * 2 <= mostRegionBytes;
    let regions: Uint16Array | null = null;
    if (this.model.model.fusion.pairSimilarity && isKept) {
      regions = new Uint16Array(sources.length * size);
      sources.forEach((source, row) => regions!.set(source.regions!, row * size));
    }
    return { files: sources.map(({ file }) => file), dim, pooled, regions };
  }
}

function rowOf(values: Uint16Array, rows: number, row: number): Uint16Array {
  const size = values.length / rows;
  return values.subarray(row * size, (row + 1) * size);
}
