import { compiledCache } from '../engines/compiled-cache.ts';
import type { Engine } from '../engines/engine.ts';
import { bucketOf, float } from '../evaluation/pair-scores.ts';
import { padTokens } from '../evaluation/pad-tokens.ts';
import type { ImageEncoder, TextEncoder } from '../model/encoders.ts';
import { evaluating } from '../model/forward-pass.ts';
import type { Arrays, ParameterSpec } from '../model/parameter.ts';
import type { FrozenEncoder, Rows } from './frozen-encoder.ts';
import { lazily } from './lazily.ts';

/** Where an encoder of ours computes, and what with. */
export interface Own<Encoder> {
  name: string;
  key: string;
  encoder: Encoder;
  arrays: () => Promise<Arrays>;
  engine: Engine;
}

const imagesAtOnce = 16;
const captionsAtOnce = 32;

/** An image encoder of ours: regions, or the image's own vector. */
export function ownImages(
  { name, key, encoder, arrays, engine }: Own<ImageEncoder>,
  side: number,
  rows: Rows,
): FrozenEncoder<Float32Array> {
  const spec = encoder.input.spec(imagesAtOnce, side);
  const ready = prepared(encoder.parameters, arrays);
  return {
    name,
    key,
    batch: imagesAtOnce,
    async compute(images) {
      const { own, specs, compiled } = await ready.get();
      const step = await compiled.memo('images', {
        context: () =>
          engine.compile(
            (inputs) => {
              const input = inputs[encoder.input.name]!;
              const { regions, pooled } = encoder.encode(evaluating(inputs), input, Infinity);
              return { features: rows === 'pooled' ? pooled : regions };
            },
            { ...specs, [encoder.input.name]: spec },
          ),
      });
      const each: Float32Array[] = [];
      const size = side * side * 3;
      for (let start = 0; start < images.length; start += imagesAtOnce) {
        const part = images.slice(start, start + imagesAtOnce);
        const pixels = new Float32Array(imagesAtOnce * size);
        part.forEach((image, at) => pixels.set(image, at * size));
        const { features } = await step.run({ ...own, [encoder.input.name]: pixels });
        const numbers = features!.length / imagesAtOnce;
        part.forEach((_, at) =>
          each.push((features as Float32Array).slice(at * numbers, (at + 1) * numbers)),
        );
      }
      return { width: encoder.width, each };
    },
    dispose: () => ready.dispose(),
  };
}

/** A text encoder of ours: token states, or the caption's own. */
export function ownCaptions(
  { name, key, encoder, arrays, engine }: Own<TextEncoder>,
  rows: Rows,
): FrozenEncoder<Int32Array> {
  const ready = prepared(encoder.parameters, arrays);
  const isPooled = rows === 'pooled';
  return {
    name,
    key,
    batch: captionsAtOnce,
    async compute(captions) {
      const { own, specs, compiled } = await ready.get();
      const length = bucketOf(captions.reduce((most, ids) => Math.max(most, ids.length), 1));
      const step = await compiled.memo(`captions ${length}`, {
        context: () =>
          engine.compile(
            (inputs) => {
              const mask = inputs['mask']!;
              const input = inputs[encoder.input.name]!;
              const { states, pooled } = encoder.encode(evaluating(inputs), input, mask);
              return { features: isPooled ? pooled : states };
            },
            {
              ...specs,
              [encoder.input.name]: encoder.input.spec(captionsAtOnce, length),
              mask: float(captionsAtOnce, length),
            },
          ),
      });
      const each: Float32Array[] = [];
      for (let start = 0; start < captions.length; start += captionsAtOnce) {
        const part = captions.slice(start, start + captionsAtOnce);
        const { features } = await step.run({ ...own, ...padTokens(part, captionsAtOnce, length) });
        const count = isPooled ? 1 : length;
        part.forEach((ids, at) => {
          const from = at * count * encoder.width;
          const kept = (isPooled ? 1 : ids.length) * encoder.width;
          each.push((features as Float32Array).slice(from, from + kept));
        });
      }
      return { width: encoder.width, each };
    },
    dispose: () => ready.dispose(),
  };
}

/** Arrays and compiled functions while they are needed. */
function prepared(parameters: readonly ParameterSpec[], arrays: () => Promise<Arrays>) {
  const specs = Object.fromEntries(parameters.map(({ name, shape }) => [name, float(...shape)]));
  return lazily(async () => {
    const compiled = compiledCache(12);
    return { own: await arrays(), specs, compiled, dispose: () => compiled.clear() };
  });
}
