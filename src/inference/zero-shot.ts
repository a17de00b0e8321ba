import { HumanError } from '../protocol/human-error.ts';
import type { ZeroShotAsk } from '../protocol/inference.ts';
import { zeroShotTop, type OtherEvaluation } from '../protocol/evaluation.ts';
import { chanceOfHit } from '../trainer/evaluation/chance.ts';
import { embedImages, type ValidationSet } from '../trainer/evaluation/evaluate.ts';
import { rankOfBest, recall } from '../trainer/evaluation/recall.ts';
import type { ImageVectors } from '../trainer/evaluation/vectors.ts';
import { batchSize, type FinishedModel } from './finished-model.ts';
import type { IndexOptions } from './image-index.ts';
import { identity, onBatch, withPairs } from './measure.ts';
import { tokensOf } from './search.ts';
import { said } from '../text/say.ts';

const ks = [1, 5];

/**
 * Sorts images by labels that the model was not trained for: a label is the mean of its templates' vectors, as CLIP's evaluation has it; with
 * a fusion that scores pairs itself, the mean of its templates' scores. The caption of each image names its label.
 */
export async function zeroShot(
  model: FinishedModel,
  ask: ZeroShotAsk,
  options: IndexOptions = {},
): Promise<OtherEvaluation> {
  const { labels, templates } = ask;
  checkTexts(labels, templates);
  return withPairs(model, ask, async (set) => {
    const { images, pairOfImage } = await embedImages(model.embedder, set, onBatch(options));
    const rightOf = labelsByImage(set, labels);
    const scores = await labelScores(model, images, labels, templates);
    const ranks: number[] = [];
    const taken = new Map<string, [number, number, number]>();
    pairOfImage.forEach((pair, image) => {
      const right = rightOf.get(set.pairs.imageId(pair));
      if (!right) return;
      const own = scores.subarray(image * labels.length, (image + 1) * labels.length);
      ranks.push(rankOfBest(own, right));
      const first = own.reduce((best, score, at) => (score > own[best]! ? at : best), 0);
      const label = right.has(first) ? first : [...right][0]!;
      const cell = taken.get(`${label} ${first}`) ?? [label, first, 0];
      cell[2]++;
      taken.set(`${label} ${first}`, cell);
    });
    if (ranks.length === 0) throw noLabelled(set, labels);
    return {
      ...identity(model, ask.data),
      kind: 'zero_shot',
      images: ranks.length,
      captions: labels.length * templates.length,
      left_out: set.pairs.badImages + set.pairs.images - ranks.length,
      metrics: Object.fromEntries(ks.map((k) => [zeroShotTop(k), recall(ranks, k)])),
      chance: Object.fromEntries(ks.map((k) => [zeroShotTop(k), chanceOf(k, labels.length, ranks.length)])),
      labels: [...labels],
      templates: [...templates],
      confusion: [...taken.values()].sort((a, b) => a[0] - b[0] || a[1] - b[1]),
    };
  });
}

function checkTexts(labels: readonly string[], templates: readonly string[]): void {
  if (labels.length < 2)
    throw new HumanError(
      said('There are fewer than two labels.'),
      said('Write one label a line.'),
      'few_labels',
    );
  const repeated = labels.find((label, at) => labels.map(plain).indexOf(plain(label)) !== at);
  if (repeated !== undefined)
    throw new HumanError(
      said('The label "{0}" stands there twice.', repeated),
      said('Write each label once.'),
      'repeated_label',
    );
  const without = templates.find((template) => !template.includes('{}'));
  if (without !== undefined)
    throw new HumanError(
      said('The template "{0}" has no {}.', without),
      said('Write {} where the label stands, as in "a photo of a {}".'),
      'bad_template',
    );
}

/** [images, labels] */
async function labelScores(
  finished: FinishedModel,
  images: ImageVectors,
  labels: readonly string[],
  templates: readonly string[],
): Promise<Float32Array> {
  const { embedder, model } = finished;
  const captions = labels.flatMap((label) => templates.map((template) => template.replaceAll('{}', label)));
  const texts = await embedder.texts(captions.map((caption) => tokensOf(finished, caption)));
  const count = templates.length;
  const scores = new Float32Array(images.count * labels.length);
  if (model.fusion.pairSimilarity) {
    for (let start = 0; start < images.count; start += batchSize) {
      const imageAt = range(start, Math.min(start + batchSize, images.count));
      for (let label = 0; label < labels.length; label++) {
        const own = await embedder.scores(images, imageAt, texts, range(label * count, (label + 1) * count));
        imageAt.forEach((image, row) => {
          const all = own.subarray(row * count, (row + 1) * count);
          scores[image * labels.length + label] = all.reduce((sum, score) => sum + score, 0) / count;
        });
      }
    }
    return scores;
  }
  const { dim } = texts;
  for (let label = 0; label < labels.length; label++) {
    const vector = new Float32Array(dim);
    for (let at = label * count * dim; at < (label + 1) * count * dim; at++)
      vector[at % dim]! += texts.pooled[at]!;
    const length = Math.hypot(...vector);
    const products = await finished.products(images.pooled, dim, vector);
    products.forEach((value, image) => {
      scores[image * labels.length + label] = value / length;
    });
  }
  return scores;
}

/** Labels are compared without case and spaces around them. */
const plain = (text: string): string => text.trim().toLowerCase();

function labelsByImage({ pairs }: ValidationSet, labels: readonly string[]): Map<number, Set<number>> {
  const places = new Map(labels.map((label, at) => [plain(label), at]));
  const found = new Map<number, Set<number>>();
  for (let pair = 0; pair < pairs.count; pair++) {
    const at = places.get(plain(pairs.caption(pair)));
    if (at === undefined) continue;
    const id = pairs.imageId(pair);
    found.set(id, (found.get(id) ?? new Set<number>()).add(at));
  }
  return found;
}

function noLabelled({ pairs }: ValidationSet, labels: readonly string[]): HumanError {
  return new HumanError(
    said(
      'No image has one of the labels as its caption: the first caption is "{0}", the first label "{1}".',
      pairs.caption(0),
      labels[0]!,
    ),
    said('Name the column that holds the labels with --caption-column.'),
    'no_labels',
  );
}

function chanceOf(k: number, labels: number, images: number) {
  const mean = chanceOfHit(1, labels, k);
  return { mean, deviation: Math.sqrt((mean * (1 - mean)) / images) };
}

const range = (start: number, end: number): number[] =>
  Array.from({ length: end - start }, (_, at) => start + at);
