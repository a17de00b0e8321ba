import { rounded } from '../../text/numbers.ts';
import { toleranceFor, typesOf } from './check-onnx.ts';
import { longestCaption } from './companions.ts';
import type { FinishedModel } from '../finished-model.ts';

/**
 * How the ONNX files are loaded. The blocks of code are run by tests: JavaScript's by the suite, Python's by hand. `worst`: what they were found to
 * differ from the model by.
 */
export function onnxReadme(finished: FinishedModel, operators: string, worst: number): string {
  const { config, model, preprocessing } = finished;
  const { shortSide, filter, mean, deviation } = preprocessing;
  const side = config.data.image_size;
  const resized = Math.round(side * (shortSide ?? 1));
  const edge = Math.round((resized - side) / 2);
  const cut = edge > 0 ? `.extract({ left: ${edge}, top: ${edge}, width: ${side}, height: ${side} })` : '';
  const hasPairs = model.fusion.pairSimilarity !== null;
  const temperature = Math.exp(-finished.arrays['logit_scale']![0]!);
  return `# ${config.name}

A ${config.model.fusion.kind} model of ${config.model.image_encoder.name} and ${config.model.text_encoder.name}, trained by Tandem: step ${finished.step}. ONNX ${operators}.

| file | inputs | outputs |
|---|---|---|
| image.onnx | \`pixel_values\` [batch, 3, ${side}, ${side}] | \`image_embeds\` [batch, ${config.model.fusion.dim}]${hasPairs ? ', `regions`' : ''} |
| text.onnx | \`input_ids\`, \`attention_mask\` [batch, length], 64-bit integers; length at most ${longestCaption(finished)} | \`text_embeds\` [batch, ${config.model.fusion.dim}]${hasPairs ? ', `tokens`' : ''} |
${hasPairs ? '| pair.onnx | `regions` of image.onnx, `tokens` of text.onnx, `attention_mask` | `scores` [images, captions] |\n' : ''}
Images are ${
    shortSide === null
      ? `squeezed to ${side} x ${side}`
      : `resized to ${resized} pixels of the short side and cut to ${side} x ${side} in the middle`
  } (Pillow's ${filter}), divided by 255 and normalised by a mean and a deviation: preprocessor_config.json.
The similarity of an image and a caption is the dot product of their embeddings; divided by the temperature ${rounded(temperature, 4)} it is the logit that was trained.${
    hasPairs
      ? '\nThe fusion scores a pair itself (pair.onnx): take the nearest by dot product and order them by these scores.'
      : ''
  }
${exactness(finished, worst)}

## Python

\`\`\`python
import numpy as np, onnxruntime
from PIL import Image
from transformers import AutoImageProcessor, AutoTokenizer

image, text = (onnxruntime.InferenceSession(f"{name}.onnx") for name in ("image", "text"))
pixels = AutoImageProcessor.from_pretrained(".")(Image.open("x.png").convert("RGB"), return_tensors="np")
tokens = AutoTokenizer.from_pretrained(".")("a red apple", return_tensors="np", return_attention_mask=True)
${
  hasPairs
    ? `_, regions = image.run(None, {"pixel_values": pixels["pixel_values"]})
_, states = text.run(None, {name: tokens[name] for name in ("input_ids", "attention_mask")})
pair = onnxruntime.InferenceSession("pair.onnx")
feeds = {"regions": regions, "tokens": states, "attention_mask": tokens["attention_mask"]}
print(float(pair.run(None, feeds)[0][0, 0]))`
    : `(image_embeds,) = image.run(None, {"pixel_values": pixels["pixel_values"]})
(text_embeds,) = text.run(None, {name: tokens[name] for name in ("input_ids", "attention_mask")})
print(float(image_embeds[0] @ text_embeds[0]))`
}
\`\`\`

## JavaScript

\`\`\`js
import { readFileSync } from 'node:fs';
import { Tokenizer } from '@huggingface/tokenizers';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';

const json = (file) => JSON.parse(readFileSync(file, 'utf8'));
const { ids } = new Tokenizer(json('tokenizer.json'), json('tokenizer_config.json')).encode('a red apple');
const integers = (values) => new Tensor('int64', BigInt64Array.from(values, BigInt), [1, ids.length]);
const tokens = { input_ids: integers(ids), attention_mask: integers(ids.map(() => 1)) };
const bytes = await sharp('x.png').resize(${resized}, ${resized}, { fit: '${shortSide === null ? 'fill' : 'cover'}', kernel: '${filter === 'bilinear' ? 'linear' : 'cubic'}' })${cut}.flatten({ background: '#fff' }).toColourspace('srgb').raw().toBuffer();
const [mean, deviation, plane] = [[${mean.join(', ')}], [${deviation.join(', ')}], ${side} * ${side}];
const pixels = Float32Array.from({ length: 3 * plane }, (_, i) => {
  const channel = Math.floor(i / plane);
  return (bytes[(i % plane) * 3 + channel] / 255 - mean[channel]) / deviation[channel];
});
const run = async (file, feeds) => (await InferenceSession.create(file)).run(feeds);
const image = await run('image.onnx', { pixel_values: new Tensor('float32', pixels, [1, 3, ${side}, ${side}]) });
const text = await run('text.onnx', tokens);
${
  hasPairs
    ? `const { regions } = image;
const pair = await run('pair.onnx', { regions, tokens: text.tokens, attention_mask: tokens.attention_mask });
console.log(pair.scores.data[0]);`
    : `const { data } = text.text_embeds;
console.log(image.image_embeds.data.reduce((sum, value, i) => sum + value * data[i], 0));`
}
\`\`\`
`;
}

/** What the numbers can be relied on for. */
function exactness(finished: FinishedModel, worst: number): string {
  const types = typesOf(finished);
  const tolerance = toleranceFor(finished).toPrecision(1);
  const found = worst === 0 ? 'exactly what' : 'what';
  const within = worst === 0 ? '' : ` to within ${worst.toExponential(1)} of the largest number`;
  return [
    `When they were written the files gave in ONNX Runtime ${found} the model gives${within}; up to ${tolerance} is accepted.`,
    types.includes('fp16')
      ? 'An encoder of others is in half precision, whose every rounding is up to 2 ** -11 (4.9e-4) of a number.'
      : '',
    types.includes('int8')
      ? 'An encoder of others is in whole numbers (int8), whose steps it chooses by all that it is given at once: give it one image or caption at a time, as Tandem does; in a batch its numbers are others.'
      : '',
  ]
    .filter(Boolean)
    .join('\n');
}
