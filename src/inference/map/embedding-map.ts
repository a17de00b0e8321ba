import type { EmbeddingMap, MapAsk } from '../../protocol/inference.ts';
import type { FinishedModel } from '../finished-model.ts';
import type { IndexOptions } from '../image-index.ts';
import { neighborsOf, principalPlaces, umapPlaces, umapSeed, umapSettings } from './layouts.ts';
import { columnValues, mapVectors, type MapVectors } from './vectors.ts';

type Layout = Pick<EmbeddingMap, 'explained' | 'umap'> & { places: [number, number][] };

/** Draws maps of one model's validation side; vectors and layouts are computed once. */
export function embeddingMaps(
  model: FinishedModel,
): (ask: MapAsk, options: IndexOptions) => Promise<EmbeddingMap> {
  let known: MapVectors | null = null;
  const layouts = new Map<MapAsk['method'], Layout>();
  return async ({ method, column }, options) => {
    known ??= await mapVectors(model, options);
    const layout = layouts.get(method) ?? (await layoutOf(method, known, options));
    layouts.set(method, layout);
    const values = column === null ? null : await columnValues(model, known, column);
    const { points, pairs, sampled, columns } = known;
    return {
      method,
      points: points.map(({ kind, image, file, caption }, at) => ({
        x: layout.places[at]![0],
        y: layout.places[at]![1],
        kind,
        image,
        file,
        caption,
        value: values?.[at] ?? null,
      })),
      pairs,
      sampled,
      columns,
      column,
      explained: layout.explained,
      umap: layout.umap,
    };
  };
}

async function layoutOf(
  method: MapAsk['method'],
  { vectors }: MapVectors,
  options: IndexOptions,
): Promise<Layout> {
  if (method === 'pca') return { ...principalPlaces(vectors), umap: null };
  return {
    places: await umapPlaces(vectors, options),
    explained: null,
    umap: { ...umapSettings, neighbors: neighborsOf(vectors.length), seed: umapSeed },
  };
}
