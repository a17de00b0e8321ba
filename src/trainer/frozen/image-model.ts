import type { OnnxSource } from '../../weights/onnx-files.ts';
import { alone } from './alone.ts';
import { fileHash } from './file-hash.ts';
import type { Features, FrozenEncoder, Rows } from './frozen-encoder.ts';
import { imageReading, type ImageReading } from './image-reading.ts';
import { lazily } from './lazily.ts';
import { loadModel, shapesOf, type ModelOutput, type Processors } from './transformers.ts';

/** An image encoder of others, of images of `side` pixels. */
export async function imageModel(
  source: OnnxSource,
  side: number,
  rows: Rows,
  processors: Processors,
): Promise<FrozenEncoder<Float32Array>> {
  const loaded = lazily(() => loadModel(source, 'image', processors));
  const size = side * side;
  const encoder: FrozenEncoder<Float32Array> = {
    name: source.name,
    key: await fileHash(source.files),
    batch: 16,
    async compute(images) {
      const model = await loaded.get();
      const values = new Float32Array(images.length * size * 3);
      images.forEach((pixels, at) => {
        for (let i = 0; i < size; i++)
          for (let colour = 0; colour < 3; colour++)
            values[(at * 3 + colour) * size + i] = pixels[i * 3 + colour]!;
      });
      const outputs = await model.run({
        pixel_values: { data: values, shape: [images.length, 3, side, side] },
      });
      const reading = imageReading(shapesOf(outputs), source, side, rows);
      return featuresOf(outputs[reading.output]!, reading);
    },
    dispose: () => loaded.dispose(),
  };
  return source.type === 'int8' ? alone(encoder) : encoder;
}

function featuresOf({ data, shape }: ModelOutput, { take, isGrid, before }: ImageReading): Features {
  const images = shape[0]!;
  if (take === 'vector') return parts(data, images, data.length / images);
  const states = isGrid ? rowsFirst(data, shape) : data; // [images, rows, width]
  const width = isGrid ? shape[1]! : shape[2]!;
  if (take === 'mean') return parts(means(states, images, width), images, width);
  const { each } = parts(states, images, width);
  return {
    width,
    each: each.map((rows) => (take === 'first' ? rows.slice(0, width) : rows.slice(before * width))),
  };
}

/** A grid [images, width, rows, columns] as [images, rows * columns, width]. */
function rowsFirst(data: Float32Array, shape: readonly number[]): Float32Array {
  const [images, width, rows, columns] = shape as [number, number, number, number];
  const places = rows * columns;
  const result = new Float32Array(data.length);
  for (let at = 0; at < images; at++)
    for (let channel = 0; channel < width; channel++)
      for (let place = 0; place < places; place++)
        result[(at * places + place) * width + channel] = data[(at * width + channel) * places + place]!;
  return result;
}

/** Of [images, rows, width] over the rows. */
function means(data: Float32Array, images: number, width: number): Float32Array {
  const rows = data.length / images / width;
  const result = new Float32Array(images * width);
  for (let i = 0; i < data.length; i++) {
    const image = Math.floor(i / (rows * width));
    result[image * width + (i % width)]! += data[i]! / rows;
  }
  return result;
}

function parts(data: Float32Array, count: number, width: number): Features {
  const size = data.length / count;
  return { width, each: Array.from({ length: count }, (_, at) => data.slice(at * size, (at + 1) * size)) };
}
