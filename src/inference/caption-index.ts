import { createHash } from 'node:crypto';
import { evenly } from '../data/evenly.ts';
import { readPairs } from '../data/pairs.ts';
import { toFloat32 } from '../store/tensors.ts';
import { readVectorIndex, writeVectorIndex } from '../store/vector-index.ts';
import { joined } from '../trainer/evaluation/vectors.ts';
import { batchSize, type FinishedModel } from './finished-model.ts';
import type { IndexOptions } from './image-index.ts';
import { tokensOf } from './search.ts';

/** The vectors of the different captions of a run's data. */
export interface CaptionIndex {
  captions: readonly string[];
  /** Captions that the data has: more than are here where they were too many. */
  of: number;
  dim: number;
  pooled: Float32Array;
}

/** More captions are not computed: an even sample of so many stands for them. */
const mostCaptions = 20_000;

/** All captions of the run's data, computed once and kept beside the run. */
export async function openCaptionIndex(
  model: FinishedModel,
  { signal, onProgress }: IndexOptions = {},
): Promise<CaptionIndex> {
  const { captions, of } = await captionsOf(model);
  const digest = createHash('sha256').update(captions.join('\n')).digest('hex');
  const kept = await readVectorIndex<{ digest: string }>(model.dir, 'captions', model.step);
  const pooled = kept?.tensors['pooled'];
  if (kept?.facts.digest === digest && pooled?.shape[0] === captions.length)
    return { captions, of, dim: pooled.shape[1]!, pooled: toFloat32(pooled) };
  const parts: Float32Array[] = [];
  let dim = 0;
  // Many batches at a time: captions of the same length share them.
  const atOnce = 16 * batchSize;
  for (let start = 0; start < captions.length; start += atOnce) {
    signal?.throwIfAborted();
    onProgress?.(start, captions.length);
    const tokens = captions.slice(start, start + atOnce).map((caption) => tokensOf(model, caption));
    const vectors = await model.embedder.texts(tokens);
    dim = vectors.dim;
    parts.push(vectors.pooled);
  }
  const index = { captions, of, dim, pooled: joined(parts) };
  await writeVectorIndex(model.dir, 'captions', model.step, {
    tensors: {
      pooled: {
        dtype: 'F32',
        shape: [captions.length, dim],
        data: index.pooled as Float32Array<ArrayBuffer>,
      },
    },
    facts: { digest },
  });
  return index;
}

async function captionsOf({
  config: { data },
}: FinishedModel): Promise<{ captions: readonly string[]; of: number }> {
  const all = new Set<string>();
  for (const file of data.val === null ? [data.pairs] : [data.pairs, data.val]) {
    const pairs = await readPairs({ ...data, pairs: file });
    for (let pair = 0; pair < pairs.count; pair++) all.add(pairs.caption(pair));
    await pairs.close();
  }
  return { captions: evenly([...all], mostCaptions), of: all.size };
}
