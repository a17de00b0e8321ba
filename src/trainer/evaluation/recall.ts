/**
 * Ranks and recall. A query (an image or a caption) may have several right answers: the best placed one counts. Ties count against the
 * model: a wrong answer with the same similarity stands before the right one, so a model that finds everything alike gets nothing.
 */

/** Rank of the best right answer, 1 for the first: 1 + wrong answers that are at least as similar. NaN is less than everything. */
export function rankOfBest(similarities: ArrayLike<number>, right: ReadonlySet<number>): number {
  let best = -Infinity;
  for (const index of right) {
    const value = similarities[index]!;
    if (value > best) best = value;
  }
  let rank = 1;
  for (let index = 0; index < similarities.length; index++)
    if ((similarities[index]! >= best || best === -Infinity) && !right.has(index)) rank++;
  return rank;
}

/**
 * The same when only some candidates were scored by the fusion: these come first, in order of that score, the others follow.
 * A right answer that is no candidate keeps its rank by pooled similarity (which is behind all candidates).
 */
export function rankAfterRerank(
  pooledRank: number,
  candidates: ArrayLike<number>,
  scores: ArrayLike<number>,
  right: ReadonlySet<number>,
): number {
  const rightPlaces = new Set<number>();
  for (let place = 0; place < candidates.length; place++)
    if (right.has(candidates[place]!)) rightPlaces.add(place);
  if (rightPlaces.size === 0) return Math.max(pooledRank, candidates.length + 1);
  return rankOfBest(scores, rightPlaces);
}

/** Share of ranks that are at most k. */
export function recall(ranks: ArrayLike<number>, k: number): number {
  let found = 0;
  for (let i = 0; i < ranks.length; i++) if (ranks[i]! <= k) found++;
  return ranks.length === 0 ? 0 : found / ranks.length;
}

/** The middle rank; of an even number of ranks the mean of the two middle ones. */
export function middleRank(ranks: ArrayLike<number>): number {
  const sorted = Float64Array.from(ranks).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
