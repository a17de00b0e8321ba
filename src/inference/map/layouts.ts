import { PCA } from 'ml-pca';
import { UMAP } from 'umap-js';
import { rng } from '../../data/hash.ts';
import type { IndexOptions } from '../image-index.ts';

/** Where each point stands, [points][x, y]. */
export type Places = [x: number, y: number][];

/** The two directions in which the vectors differ most, and what share of all their variance lies in each. */
export function principalPlaces(vectors: readonly Float32Array[]): {
  places: Places;
  explained: [number, number];
} {
  const rows = vectors.map((vector) => Array.from(vector));
  const pca = new PCA(rows, { method: 'covarianceMatrix' });
  const [first = 0, second = 0] = pca.getExplainedVariance();
  const places = pca
    .predict(rows, { nComponents: Math.min(2, rows[0]!.length) })
    .to2DArray()
    .map(([x = 0, y = 0]): [number, number] => [x, y]);
  return { places, explained: [first, second] };
}

/** UMAP's own defaults; its draws come from `umapSeed`. Distances are Euclidean. */
export const umapSettings = { neighbors: 15, minDist: 0.1, epochs: 500 };
export const umapSeed = 1;

/** Time between two breaths, in which other questions are taken. */
const breatheEveryMs = 100;

/** Places in which near vectors stay near, by UMAP. */
export async function umapPlaces(
  vectors: readonly Float32Array[],
  { signal, onProgress }: IndexOptions,
): Promise<Places> {
  const random = rng('umap', umapSeed);
  const { minDist, epochs } = umapSettings;
  const umap = new UMAP({
    nNeighbors: neighborsOf(vectors.length),
    minDist,
    nEpochs: epochs,
    random: () => random.next(),
  });
  umap.initializeFit(vectors.map((vector) => Array.from(vector)));
  let breathed = performance.now();
  for (let epoch = 0; epoch < epochs; epoch++) {
    umap.step();
    if (performance.now() - breathed < breatheEveryMs) continue;
    onProgress?.(epoch, epochs);
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
    breathed = performance.now();
  }
  return umap.getEmbedding() as Places;
}

/** A point cannot have more neighbours than there are others. */
export const neighborsOf = (points: number): number => Math.min(umapSettings.neighbors, points - 1);
