import { HumanError } from '../../protocol/human-error.ts';
import type { OnnxSource } from '../../weights/onnx-files.ts';
import { fileHash } from './file-hash.ts';
import type { Features, FrozenEncoder, Rows } from './frozen-encoder.ts';
import { lazily } from './lazily.ts';
import { loadModel, type ModelOutput, type Processors } from './transformers.ts';
import { said } from '../../text/say.ts';

/** An image encoder of others, of images of `side` pixels. */
export async function imageModel(
  source: OnnxSource,
  side: number,
  rows: Rows,
  processors: Processors,
): Promise<FrozenEncoder<Float32Array>> {
  const loaded = lazily(() => loadModel(source, 'image', processors));
  const size = side * side;
  return {
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
      if (rows === 'all') return regions(outputs, source, side);
      const vectors = pooled(outputs, source);
      return parts(vectors, images.length, vectors.length / images.length);
    },
    dispose: () => loaded.dispose(),
  };
}

type Outputs = Record<string, ModelOutput>;

/** The encoder's own vector of an image: projected, pooled, that of the class token, or the mean over a grid. */
function pooled(outputs: Outputs, source: OnnxSource): Float32Array {
  const own = outputs['image_embeds'] ?? outputs['pooler_output'];
  if (own) return own.data;
  const { data, shape } = lastState(outputs, source);
  const [images, tokens, width] = shape as [number, number, number];
  if (shape.length === 4) return means(rowsFirst(data, shape), images, width);
  const result = new Float32Array(images * width);
  for (let at = 0; at < images; at++)
    result.set(data.subarray(at * tokens * width, at * tokens * width + width), at * width);
  return hasClassToken(source) ? result : means(data, images, width);
}

/** A grid row by row, or patches without the tokens that stand before them. */
function regions(outputs: Outputs, source: OnnxSource, side: number): Features {
  const { data, shape } = lastState(outputs, source);
  if (shape.length === 4) return parts(rowsFirst(data, shape), shape[0]!, shape[1]!);
  const [images, tokens, width] = shape as [number, number, number];
  const before = Math.max(0, tokens - patches(source, side, tokens));
  const { each } = parts(data, images, width);
  return { width, each: each.map((states) => states.slice(before * width)) };
}

function lastState(outputs: Outputs, source: OnnxSource): ModelOutput {
  const state = outputs['last_hidden_state'];
  if (state) return state;
  throw new HumanError(
    said('{0} gives {1}, and no last_hidden_state.', source.files[0]!, Object.keys(outputs).join(', ')),
    said(
      'Set model.fusion.kind to late, which needs no regions, or export the encoder with last_hidden_state.',
    ),
    'bad_weights',
  );
}

/** How many tokens are patches of the image; all where the config does not say. */
function patches({ config }: OnnxSource, side: number, tokens: number): number {
  const vision = (config['vision_config'] ?? config) as Record<string, unknown>;
  const patch = vision['patch_size'];
  return typeof patch === 'number' ? Math.floor(side / patch) ** 2 : tokens;
}

/** SigLIP's patches have no other token before them. */
const hasClassToken = ({ config }: OnnxSource): boolean => !/^siglip/.test(String(config['model_type']));

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
