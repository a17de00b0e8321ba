import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { EncoderType } from '../experiment/config.ts';
import { HumanError } from '../protocol/human-error.ts';
import { listed } from '../text/words.ts';
import { refuseOtherKinds } from './look.ts';
import { readJson } from './shards.ts';
import { vocabularyAmong } from './source.ts';

/** An encoder as its makers exported it, on this machine. */
export interface OnnxSource {
  /** As the experiment file names it, for messages. */
  name: string;
  /** With config.json. */
  folder: string;
  /** Folder of the model inside that: `onnx` or the same. */
  subfolder: string;
  /** The file's name without what says its numbers: `model`, `vision_model`, `text_model`. */
  model: string;
  type: EncoderType;
  /** What the type adds to the name. */
  suffix: string;
  /** The model, then the files that its weights lie in beside it; absolute. */
  files: string[];
  config: Record<string, unknown>;
  /** preprocessor_config.json; null when there is none. */
  preprocessor: Record<string, unknown> | null;
  /** What the captions' ids come from; null when there is none. */
  vocabFile: string | null;
}

/** How the hub's exports end by the numbers inside, the first that is there is taken. */
const suffixes: Record<EncoderType, readonly string[]> = {
  fp32: [''],
  fp16: ['_fp16'],
  int8: ['_quantized', '_int8', '_uint8'],
};
const types = Object.keys(suffixes) as EncoderType[];

const models = { image: ['vision_model', 'model'], text: ['text_model', 'model'] } as const;

/** Finds the ONNX model of one side in a folder, with the numbers asked for or (null) the most exact that are there. */
export async function openOnnx(
  name: string,
  side: 'image' | 'text',
  wanted: EncoderType | null,
): Promise<OnnxSource> {
  const has = (file: string): boolean => existsSync(join(name, file));
  if (!has('config.json'))
    throw new HumanError(
      existsSync(name) ? `${name} holds no config.json.` : `There are no weights at ${name}.`,
      'name: auto wants a folder as the hub has it: config.json and onnx/model.onnx, and what the images or captions are prepared by.',
      'weights_missing',
    );
  const found = await modelIn(name, side, wanted);
  const { subfolder, file } = found;
  const inside = join(name, subfolder);
  const data = (await readdir(inside)).filter((other) => new RegExp(`^${file}_data(_\\d+)?$`).test(other));
  const beside = [
    'config.json',
    'preprocessor_config.json',
    'vocab.txt',
    'tokenizer.json',
    'tokenizer_config.json',
  ];
  const files = [file, ...data.sort()].map((one) => join(inside, one));
  await refuseOtherKinds([files[0]!, ...beside.filter(has).map((one) => join(name, one))]);
  const config = await readJson(join(name, 'config.json'));
  const vocabulary = vocabularyAmong(has, config);
  return {
    ...found,
    name,
    folder: name,
    files,
    config,
    preprocessor: has('preprocessor_config.json')
      ? await readJson(join(name, 'preprocessor_config.json'))
      : null,
    vocabFile: vocabulary && join(name, vocabulary),
  };
}

async function modelIn(folder: string, side: 'image' | 'text', wanted: EncoderType | null) {
  const there: EncoderType[] = [];
  for (const model of models[side])
    for (const subfolder of ['onnx', ''])
      for (const type of types)
        for (const suffix of suffixes[type]) {
          const file = `${model}${suffix}.onnx`;
          if (!existsSync(join(folder, subfolder, file))) continue;
          if (wanted === null || wanted === type) return { subfolder, model, type, suffix, file };
          there.push(type);
        }
  if (there.length > 0)
    throw new HumanError(
      `${folder} has its ${side} encoder as ${listed([...new Set(there)])}, not as ${wanted}.`,
      `Set model.${side}_encoder.dtype to ${there[0]}, or leave it out.`,
      'weights_missing',
    );
  const names = (await readdir(folder)).filter((file) => /\.(safetensors|bin|pt|pth|h5|msgpack)$/.test(file));
  throw new HumanError(
    `${folder} holds no ONNX file of ${side === 'image' ? 'an image' : 'a text'} encoder${names.length > 0 ? `, but ${names[0]}` : ''}.`,
    `It is looked for as onnx/${models[side][0]}.onnx and onnx/model.onnx; Python's optimum-cli export onnx makes it of a model's other files.`,
    'weights_missing',
  );
}
