import type { Batch } from '../../data/loader.ts';
import { compiledCache, compiledLengths } from '../engines/compiled-cache.ts';
import type { Feeds, Values } from '../engines/engine.ts';
import { encodingParameters } from './micro-functions.ts';
import { microGraphs, type MicroGraphs } from './micro-graphs.ts';
import type { PassParts, PassResult, TrainingPass } from './training-pass.ts';

/**
 * A batch of which only `micro` pairs at a time run through the encoders, with the gradients of the whole: features of all, the loss of their
 * similarity matrix, then each micro-batch again for its gradients. Dropout masks are the whole batch's. Batch norm's statistics are those
 * of the micro-batch. `micro` divides the batch.
 */
export function microBatches(parts: PassParts, micro: number): TrainingPass {
  const { model, gradients } = parts;
  const { matrix } = model.fusion;
  if (!matrix) throw new Error('This fusion does not train in micro-batches.');
  const compiled = compiledCache(5 * compiledLengths);
  // Where a micro-batch's gradients are written before they are added up.
  const encoding: Values = {};
  for (const name of encodingParameters(model, matrix))
    encoding[`grad/${name}`] = new Float32Array(gradients[`grad/${name}`]!.length);

  return {
    async run(batch, step) {
      const graphs = microGraphs(parts.engine, model, matrix, compiled, batch, micro, encoding);
      const pass = { ...parts, batch, micro, step, graphs };
      const features = await encodeAll(pass);
      const similarity = await compareAll(pass, features);
      for (const name in gradients) gradients[name]!.fill(0);
      const loss = await lossOf(pass, similarity);
      const upstream = await backToFeatures(pass, features, similarity);
      return { loss, gradients, statistics: await backToParameters(pass, upstream) };
    },
    dispose: () => compiled.clear(),
  };
}

/** One batch on its way through. */
interface MicroPass extends PassParts {
  batch: Batch;
  micro: number;
  step: number;
  graphs: MicroGraphs;
}

/** A row a pair: what is compared of all images and captions, or the loss's gradient by it. */
interface Features {
  image: Float32Array;
  text: Float32Array;
}

async function encodeAll(pass: MicroPass): Promise<Features> {
  const { batch, graphs, micro } = pass;
  const all: Features = { image: new Float32Array(), text: new Float32Array() };
  for (let part = 0; part * micro < batch.size; part++) {
    const values = await (await graphs.features()).run(pairsOf(pass, part));
    for (const side of ['image', 'text'] as const) {
      const rows = values[side] as Float32Array;
      if (part === 0) all[side] = new Float32Array((rows.length / micro) * batch.size);
      all[side].set(rows, part * rows.length);
    }
  }
  return all;
}

/** The similarity matrix [B, B], a micro-batch's captions at a time. */
async function compareAll(pass: MicroPass, { image, text }: Features): Promise<Float32Array> {
  const { batch, graphs, micro } = pass;
  const matrix = new Float32Array(batch.size ** 2);
  for (let part = 0; part * micro < batch.size; part++) {
    const compare = await graphs.similarity(widthsOf(batch, image, text));
    const values = await compare.run({ ...captionsOf(pass, text, part), image });
    const block = values['similarity'] as Float32Array; // [B, M]
    for (let row = 0; row < batch.size; row++)
      matrix.set(block.subarray(row * micro, (row + 1) * micro), row * batch.size + part * micro);
  }
  return matrix;
}

/** The loss; `similarity` becomes its gradient. */
async function lossOf(pass: MicroPass, similarity: Float32Array): Promise<number> {
  const { arrays, batch, gradients, graphs } = pass;
  const loss = await graphs.loss();
  const values = await loss.run({
    ...arrays,
    similarity,
    image_ids: batch.imageIds,
    caption_ids: batch.captionIds,
  });
  addTo(gradients, values);
  similarity.set(values['similarity_gradient']!);
  return values['loss']![0]!;
}

async function backToFeatures(
  pass: MicroPass,
  { image, text }: Features,
  similarityGradient: Float32Array,
): Promise<Features> {
  const { batch, gradients, graphs, micro } = pass;
  const upstream = { image: new Float32Array(image.length), text: new Float32Array(text.length) };
  const block = new Float32Array(batch.size * micro);
  for (let part = 0; part * micro < batch.size; part++) {
    for (let row = 0; row < batch.size; row++) {
      const start = row * batch.size + part * micro;
      block.set(similarityGradient.subarray(start, start + micro), row * micro);
    }
    const compare = await graphs.similarityGradients(widthsOf(batch, image, text));
    const values = await compare.run({
      ...captionsOf(pass, text, part),
      image,
      similarity_gradient: block,
    });
    add(upstream.image, values['image_gradient']!);
    upstream.text.set(values['text_gradient']!, part * values['text_gradient']!.length);
    addTo(gradients, values);
  }
  return upstream;
}

/** Adds up the gradients of what encodes; returns batch norm's statistics by micro-batch. */
async function backToParameters(
  pass: MicroPass,
  { image, text }: Features,
): Promise<PassResult['statistics']> {
  const { batch, gradients, graphs, micro } = pass;
  const statistics: Values[] = [];
  for (let part = 0; part * micro < batch.size; part++) {
    const encode = await graphs.gradients(widthsOf(batch, image, text));
    const values = await encode.run({
      ...pairsOf(pass, part),
      image_gradient: rowsOf(image, pass, part),
      text_gradient: rowsOf(text, pass, part),
    });
    addTo(gradients, values);
    // Copies: a compiled function writes to the same arrays at each run.
    const own = Object.entries(values).filter(([name]) => name.startsWith('stat/'));
    statistics.push(Object.fromEntries(own.map(([name, array]) => [name, array.slice()])));
  }
  return statistics;
}

/** All that encoding a micro-batch takes. */
function pairsOf(pass: MicroPass, part: number): Feeds {
  const { arrays, batch, masks, micro, model, step } = pass;
  return {
    ...arrays,
    [model.images.name]: rowsOf(batch.pixels, pass, part),
    [model.captions.name]: rowsOf(batch.states ?? batch.tokenIds, pass, part),
    mask: rowsOf(batch.mask, pass, part),
    ...masks.draw(model.dropoutShapes(micro, batch.length), step, part),
  };
}

/** All that comparing a micro-batch's captions takes, but the images. */
const captionsOf = (pass: MicroPass, text: Float32Array, part: number): Values => ({
  ...pass.arrays,
  text: rowsOf(text, pass, part),
  mask: rowsOf(pass.batch.mask, pass, part),
});

/** A micro-batch's rows of an array with a row, of any length, a pair: a view. */
export function rowsOf<T extends Feeds[string]>(
  values: T,
  { batch, micro }: Pick<MicroPass, 'batch' | 'micro'>,
  part: number,
): T {
  const size = (values.length / batch.size) * micro;
  return values.subarray(part * size, (part + 1) * size) as T;
}

const widthsOf = ({ size }: Batch, image: Float32Array, text: Float32Array) => ({
  image: image.length / size,
  text: text.length / size,
});

/** Adds what `values` has for each of the sums. */
function addTo(sums: Values, values: Values): void {
  for (const name in values) if (sums[name]) add(sums[name], values[name]!);
}

function add(sum: Float32Array | Int32Array, values: Float32Array | Int32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + values[i]!;
}
