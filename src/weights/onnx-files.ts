import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import type { EncoderType } from '../experiment/config.ts';
import { HumanError } from '../protocol/human-error.ts';
import { isMissing } from '../text/system-errors.ts';
import { listed } from '../text/words.ts';
import { dataFilesOf } from './external-data.ts';
import { openHub } from './hub.ts';
import { refuseOtherKinds } from './look.ts';
import { readJson } from './shards.ts';
import { vocabularyAmong } from './source.ts';
import { said } from '../text/say.ts';

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

/** What says how an exported encoder is used. */
const filesBeside = [
  'config.json',
  'preprocessor_config.json',
  'vocab.txt',
  'vocab.json',
  'merges.txt',
  'tokenizer.json',
  'tokenizer_config.json',
];

/**
 * Finds the ONNX model of one side in a folder, or in a model of the hub, of which what is needed is fetched, with the numbers asked for or
 * (null) the most exact that are there.
 */
export async function openOnnx(
  name: string,
  side: 'image' | 'text',
  wanted: EncoderType | null,
  hub = openHub(),
): Promise<OnnxSource> {
  if (name.startsWith('hf:'))
    return hub.with(name, async ({ files, get }) => {
      const { path, data } = modelAmong([...files], name, side, wanted);
      // The small ones first: whoever is stopped in the large one has them.
      const needed = [...filesBeside.filter((file) => files.has(file)), path, ...data];
      const places = await Promise.all(needed.map(get));
      if (!files.has('config.json')) throw noConfig(name);
      for (const file of await dataFilesOf(places[needed.indexOf(path)]!)) {
        const beside = posix.join(posix.dirname(path), file);
        if (!files.has(beside)) throw dataMissing(`${name}/${path}`, file);
        if (!data.includes(beside)) await get(beside);
      }
      // The cache has a folder for each state of a model, with its files as they are called there.
      return { ...(await openFolder(dirname(places[0]!), side, wanted)), name };
    });
  if (!existsSync(name)) throw noConfig(name);
  return openFolder(name, side, wanted);
}

async function openFolder(
  folder: string,
  side: 'image' | 'text',
  wanted: EncoderType | null,
): Promise<OnnxSource> {
  const has = (file: string): boolean => existsSync(join(folder, file));
  if (!has('config.json')) throw noConfig(folder);
  const inside = await Promise.all(['', 'onnx'].map((part) => namesIn(folder, part)));
  const { path, subfolder, model, type, suffix } = modelAmong(inside.flat(), folder, side, wanted);
  const file = join(folder, path);
  await refuseOtherKinds([file, ...filesBeside.filter(has).map((file) => join(folder, file))]);
  const data = await dataFilesOf(file);
  const files = [file, ...data.map((beside) => join(dirname(file), beside))];
  const missing = files.findIndex((one) => !existsSync(one));
  if (missing >= 0) throw dataMissing(file, data[missing - 1]!);
  const config = await readJson(join(folder, 'config.json'));
  const vocabulary = vocabularyAmong(has, config);
  return {
    subfolder,
    model,
    type,
    suffix,
    name: folder,
    folder,
    files,
    config,
    preprocessor: has('preprocessor_config.json')
      ? await readJson(join(folder, 'preprocessor_config.json'))
      : null,
    vocabFile: vocabulary && join(folder, vocabulary),
  };
}

/** Paths of a folder's files; none where there is no such folder. */
async function namesIn(folder: string, part: string): Promise<string[]> {
  const names = await readdir(join(folder, part)).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  return names.map((name) => (part ? `${part}/${name}` : name));
}

/** The model's file and the files that its weights lie in, among paths. */
function modelAmong(
  paths: readonly string[],
  name: string,
  side: 'image' | 'text',
  wanted: EncoderType | null,
) {
  const there: EncoderType[] = [];
  for (const model of models[side])
    for (const subfolder of ['onnx', ''])
      for (const type of types)
        for (const suffix of suffixes[type]) {
          const path = `${subfolder ? `${subfolder}/` : ''}${model}${suffix}.onnx`;
          if (!paths.includes(path)) continue;
          const data = paths.filter(
            (other) => /^_data(_\d+)?$/.test(other.slice(path.length)) && other.startsWith(path),
          );
          if (wanted === null || wanted === type)
            return { subfolder, model, type, suffix, path, data: data.sort() };
          there.push(type);
        }
  if (there.length > 0)
    throw new HumanError(
      said('{0} has its {1} encoder as {2}, not as {3}.', name, side, listed([...new Set(there)]), wanted!),
      said('Set model.{0}_encoder.dtype to {1}, or leave it out.', side, there[0]!),
      'weights_missing',
    );
  const other = paths.find((file) => /\.(safetensors|bin|pt|pth|h5|msgpack)$/.test(file));
  throw new HumanError(
    said(
      '{0} holds no ONNX file of {1} encoder{2}.',
      name,
      side === 'image' ? said('an image') : said('a text'),
      other === undefined ? '' : said(', but {0}', other),
    ),
    said(
      "It is looked for as onnx/{0}.onnx and onnx/model.onnx; Python's optimum-cli export onnx makes it of a model's other files.",
      models[side][0],
    ),
    'weights_missing',
  );
}

function dataMissing(file: string, missing: string): HumanError {
  return new HumanError(
    said('{0} names {1}, which is not beside it.', file, missing),
    said('Download it too: the encoder’s numbers lie in it.'),
    'weights_missing',
  );
}

function noConfig(place: string): HumanError {
  return new HumanError(
    existsSync(place) || place.startsWith('hf:')
      ? said('{0} holds no config.json.', place)
      : said('There are no weights at {0}.', place),
    said(
      'name: auto wants a folder as the hub has it: config.json and onnx/model.onnx, and what the images or captions are prepared by.',
    ),
    'weights_missing',
  );
}
