import type { Embedder } from './embed.ts';
import type { Ranking } from './ranks.ts';
import { rankAfterRerank } from './recall.ts';
import type { ImageVectors, TextVectors } from './vectors.ts';

/**
 * Ranks both ways after each query's best `count` candidates were scored by the fusion itself. `pooled` are the rankings by pooled
 * similarity, with as many candidates.
 */
export async function rerankBothWays(
  embedder: Embedder,
  images: ImageVectors,
  texts: TextVectors,
  pooled: { images: Ranking; texts: Ranking },
  imageOfText: Int32Array,
  count: number,
): Promise<{ images: Int32Array; texts: Int32Array }> {
  const textsOfImage = Array.from({ length: images.count }, () => new Set<number>());
  imageOfText.forEach((image, text) => textsOfImage[image]!.add(text));
  const grid = await scoreGrid(embedder, images, texts, count);
  const imageRanks = new Int32Array(images.count);
  for (let i = 0; i < images.count; i++) {
    const candidates = pooled.images.candidates.of(i);
    const scores = grid
      ? Float32Array.from(candidates, (t) => grid[i * texts.count + t]!)
      : await embedder.scores(images, [i], texts, candidates);
    imageRanks[i] = rankAfterRerank(pooled.images.ranks[i]!, candidates, scores, textsOfImage[i]!);
  }
  const textRanks = new Int32Array(texts.count);
  for (let t = 0; t < texts.count; t++) {
    const candidates = pooled.texts.candidates.of(t);
    const scores = grid
      ? Float32Array.from(candidates, (i) => grid[i * texts.count + t]!)
      : await embedder.scores(images, candidates, texts, [t]);
    const right = new Set([imageOfText[t]!]);
    textRanks[t] = rankAfterRerank(pooled.texts.ranks[t]!, candidates, scores, right);
  }
  return { images: imageRanks, texts: textRanks };
}

/** The fusion's score of every image with every caption, when that is no more work than scoring each query's candidates; else null. */
async function scoreGrid(
  embedder: Embedder,
  images: ImageVectors,
  texts: TextVectors,
  rerank: number,
): Promise<Float32Array | null> {
  if (images.count * texts.count > rerank * (images.count + texts.count)) return null;
  const block = 32;
  const grid = new Float32Array(images.count * texts.count);
  for (let i = 0; i < images.count; i += block) {
    for (let t = 0; t < texts.count; t += block) {
      const imageAt = range(i, Math.min(i + block, images.count));
      const textAt = range(t, Math.min(t + block, texts.count));
      const scores = await embedder.scores(images, imageAt, texts, textAt);
      imageAt.forEach((image, row) =>
        grid.set(scores.subarray(row * textAt.length, (row + 1) * textAt.length), image * texts.count + t),
      );
    }
  }
  return grid;
}

const range = (start: number, end: number): Int32Array =>
  Int32Array.from({ length: end - start }, (_, i) => start + i);
