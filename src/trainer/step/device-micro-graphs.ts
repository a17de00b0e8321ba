import type { Batch } from '../../data/loader.ts';
import type { CompiledCache } from '../engines/compiled-cache.ts';
import type { DeviceFunction, TensorFunction, TensorSpec } from '../engines/engine.ts';
import type { SimilarityMatrix } from '../model/fusion.ts';
import { gradientSquares } from './device-functions.ts';
import * as functions from './device-micro-functions.ts';
import type { DevicePassParts } from './device-pass.ts';
import { keySpecs } from './dropout-masks.ts';
import { stepSpecs } from './loss-and-gradients.ts';
import { mapValues } from './map-values.ts';

type Specs = Record<string, TensorSpec>;

/** The functions of a step over micro-batches on a device, in the order in which they run. */
export interface DeviceMicroGraphs {
  zeros: DeviceFunction;
  features: DeviceFunction;
  place: DeviceFunction;
  similarity: DeviceFunction;
  loss: DeviceFunction;
  similarityGradients: DeviceFunction;
  gradients: DeviceFunction;
  /** Null where nothing has any. */
  statistics: DeviceFunction | null;
  squares: DeviceFunction;
}

/** Compiled for batches of this one's shape; some are the same for all lengths of captions. */
export async function deviceMicroGraphs(
  { device, masks, model, optimizer }: DevicePassParts,
  matrix: SimilarityMatrix,
  compiled: CompiledCache<DeviceFunction>,
  { size, imageSize, length }: Batch,
  micro: number,
): Promise<DeviceMicroGraphs> {
  const compile = (key: string, fn: TensorFunction, specs: Specs): Promise<DeviceFunction> =>
    compiled.memo(key, {
      context: () => device.compile(fn, specs, (output) => !comesDown(output)),
    });
  const ofLength: typeof compile = (key, fn, specs) => compile(`${key} ${length}`, fn, specs);
  const dropped = model.dropoutShapes(micro, length);
  const drawing = (fn: TensorFunction): TensorFunction => masks.drawnOn(device, dropped, fn);
  const pairs = { ...stepSpecs(model, { batch: micro, imageSize, length }), ...keySpecs(dropped) };

  const features = await ofLength('features', drawing(functions.featureRows(model, matrix)), pairs);
  const rows = mapValues(features.kept, floats);
  const widths = { image: rows['image_rows']!.shape[1]!, text: rows['text_rows']!.shape[1]! };
  const sizes = { parts: size / micro, micro, widths };
  const sums: Specs = functions.sumSpecs(sizes);
  for (const group of optimizer.groups)
    for (const { name, shape } of group.parameters) sums[`grad/${name}`] = floats(shape);
  const ids: TensorSpec = { shape: [size], dtype: 'int32' };
  const part: TensorSpec = { shape: [1], dtype: 'int32' };
  // Each function takes of these what it needs.
  const all: Specs = { ...pairs, ...rows, ...sums, image_ids: ids, caption_ids: ids, part };

  const gradients = await ofLength('gradients', drawing(functions.addGradients(model, matrix, sizes)), all);
  const partStatistics: Specs = {};
  const statistics: Specs = {};
  for (const [name, shape] of Object.entries(gradients.kept)) {
    if (!name.startsWith(functions.ofPart)) continue;
    partStatistics[name] = floats(shape);
    statistics[name.slice(functions.ofPart.length)] = floats(shape);
  }
  const names = Object.keys(statistics);
  const averaging = functions.addStatistics(names, sizes.parts);
  const toFeatures = functions.addSimilarityGradients(model, matrix, sizes);
  return {
    zeros: await ofLength('zeros', functions.zerosOf({ ...sums, ...statistics }), { zero: floats([]) }),
    features,
    place: await ofLength('place', functions.placeRows(sizes), all),
    similarity: await ofLength('similarity', functions.addSimilarity(matrix, sizes), all),
    loss: await compile('loss', functions.lossOnDevice(model, sizes), all),
    similarityGradients: await ofLength('similarity gradients', toFeatures, {
      ...all,
      similarity_gradient: all['similarity']!,
    }),
    gradients,
    statistics:
      names.length > 0 ? await compile('statistics', averaging, { ...statistics, ...partStatistics }) : null,
    squares: await compile('squares', gradientSquares(optimizer.groups), all),
  };
}

const comesDown = (output: string): boolean =>
  output === 'loss' ||
  output === 'temperature' ||
  output === 'negative_bias' ||
  output.startsWith('squares/');

const floats = (shape: readonly number[]): TensorSpec => ({ shape: [...shape], dtype: 'float32' });
