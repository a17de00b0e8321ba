import { Candidates } from './candidates.ts';

/** Similarities of images (rows) and captions (columns), computed block by block: the whole matrix may be larger than memory. */
export interface Similarities {
  rows: number;
  columns: number;
  /** Rows and columns of a block. */
  side: number;
  /** The block that begins at (row, column), [side, side]; what lies beyond the last row or column means nothing. */
  block(row: number, column: number): Promise<Float32Array>;
}

/** One direction of a retrieval. */
export interface Ranking {
  /** Rank of each query's best right answer, as `rankOfBest` counts. */
  ranks: Int32Array;
  /** Each query's most similar answers. */
  candidates: Candidates;
}

/**
 * Ranks both ways. Caption t belongs to image `imageOfText[t]`. `keep`: how many candidates each query keeps. Memory: one block,
 * and a few numbers for each query and kept candidate. The blocks with right answers in them are computed twice: the first time
 * finds each query's best right answer, the second, with all others, counts what stands before it.
 */
export async function rankBothWays(
  similarities: Similarities,
  imageOfText: Int32Array,
  keep: number,
): Promise<{ images: Ranking; texts: Ranking }> {
  const { rows, columns, side } = similarities;
  const right = rightAnswers(similarities, imageOfText);
  const images = new Tally(rows, Math.min(keep, columns));
  const texts = new Tally(columns, Math.min(keep, rows));

  for (const [key, captions] of right) {
    const [row, column] = placeOf(similarities, key);
    const values = await similarities.block(row, column);
    for (const text of captions) {
      const value = values[(imageOfText[text]! - row) * side + text - column]!;
      images.best[imageOfText[text]!] = larger(value, images.best[imageOfText[text]!]!);
      texts.best[text] = larger(value, texts.best[text]!);
    }
  }

  for (let row = 0; row < rows; row += side)
    for (let column = 0; column < columns; column += side) {
      const values = await similarities.block(row, column);
      const height = Math.min(side, rows - row);
      const width = Math.min(side, columns - column);
      for (let i = 0; i < height; i++)
        for (let t = 0; t < width; t++) {
          const value = values[i * side + t]!;
          images.take(row + i, column + t, value);
          texts.take(column + t, row + i, value);
        }
      for (const text of right.get(keyOf(similarities, row, column)) ?? []) {
        const image = imageOfText[text]!;
        const value = values[(image - row) * side + text - column]!;
        images.leaveOut(image, value);
        texts.leaveOut(text, value);
      }
    }
  return { images, texts };
}

/** What is known of each query so far. */
class Tally implements Ranking {
  /** Similarity of the best right answer. */
  readonly best: Float32Array;
  readonly ranks: Int32Array;
  readonly candidates: Candidates;

  constructor(
    queries: number,
    private readonly keep: number,
  ) {
    this.best = new Float32Array(queries).fill(-Infinity);
    this.ranks = new Int32Array(queries).fill(1);
    this.candidates = new Candidates(queries, keep);
  }

  take(query: number, place: number, value: number): void {
    if (this.isBefore(query, value)) this.ranks[query]!++;
    if (this.keep > 0) this.candidates.offer(query, place, value);
  }

  /** Right answers do not stand before the best of them. */
  leaveOut(query: number, value: number): void {
    if (this.isBefore(query, value)) this.ranks[query]!--;
  }

  private isBefore(query: number, value: number): boolean {
    const best = this.best[query]!;
    return value >= best || best === -Infinity;
  }
}

/** Captions by the block that holds their similarity with their own image. */
function rightAnswers(similarities: Similarities, imageOfText: Int32Array): Map<number, number[]> {
  const right = new Map<number, number[]>();
  imageOfText.forEach((image, text) => {
    const key = keyOf(similarities, image, text);
    const captions = right.get(key);
    if (captions) captions.push(text);
    else right.set(key, [text]);
  });
  return right;
}

const blocksInARow = ({ columns, side }: Similarities): number => Math.ceil(columns / side);

function keyOf(similarities: Similarities, row: number, column: number): number {
  const { side } = similarities;
  return Math.floor(row / side) * blocksInARow(similarities) + Math.floor(column / side);
}

function placeOf(similarities: Similarities, key: number): [row: number, column: number] {
  const inARow = blocksInARow(similarities);
  return [Math.floor(key / inARow) * similarities.side, (key % inARow) * similarities.side];
}

/** NaN is less than everything. */
const larger = (value: number, best: number): number => (value > best ? value : best);
