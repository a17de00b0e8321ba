import { existsSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { HumanError } from '../protocol/human-error.ts';
import { withHub } from './hub.ts';
import { refuseOtherKinds } from './look.ts';
import { readJson, shardsOf } from './shards.ts';

/** Files that an encoder is loaded from, on this machine. */
export interface WeightsSource {
  /** As the experiment file names it, for messages. */
  name: string;
  /** One safetensors file, or the shards of an index. */
  weightFiles: string[];
  /** config.json as transformers writes it; null when there is none. */
  config: Record<string, unknown> | null;
  /** What the captions' ids come from, beside the weights: see `vocabularyAmong`; null when there is none. */
  vocabFile: string | null;
  /** preprocessor_config.json: how images are prepared for the encoder; null when there is none. */
  preprocessor: Record<string, unknown> | null;
}

/** What says of weights how they are used. */
const filesBeside = [
  'config.json',
  'vocab.txt',
  'tokenizer.json',
  'tokenizer_config.json',
  'preprocessor_config.json',
];

/** A BERT's vocab.txt, or the tokenizer.json that all others have. Where both are there, a BERT's vocabulary is read as that. */
export function vocabularyAmong(
  has: (file: string) => boolean,
  config: Record<string, unknown> | null,
): string | null {
  const isBert = ['bert', undefined].includes(config?.['model_type'] as string | undefined);
  const files = isBert ? ['vocab.txt', 'tokenizer.json'] : ['tokenizer.json', 'vocab.txt'];
  return files.find(has) ?? null;
}

/** Finds the files of a folder, of a single safetensors file, or of a hub id `hf:owner/name`, whose files are fetched once. */
export async function openWeights(name: string): Promise<WeightsSource> {
  if (name.startsWith('hf:')) return openHub(name);
  if (!existsSync(name))
    throw new HumanError(
      `There are no weights at ${name}.`,
      'Name a folder with model.safetensors, or a model of the hub as hf:owner/name.',
      'weights_missing',
    );
  if (!statSync(name).isDirectory()) {
    if (!name.endsWith('.safetensors')) throw notSafetensors(name, basename(name));
    await refuseOtherKinds([name]);
    return { name, weightFiles: [name], config: null, vocabFile: null, preprocessor: null };
  }
  const weightFiles = await weightFilesOf(name);
  const has = (file: string): boolean => existsSync(join(name, file));
  const beside = filesBeside.filter(has);
  await refuseOtherKinds([...weightFiles, ...beside.map((file) => join(name, file))]);
  const json = (file: string) => (has(file) ? readJson(join(name, file)) : null);
  const config = await json('config.json');
  const vocabulary = vocabularyAmong(has, config);
  return {
    name,
    weightFiles,
    config,
    vocabFile: vocabulary && join(name, vocabulary),
    preprocessor: await json('preprocessor_config.json'),
  };
}

async function weightFilesOf(folder: string): Promise<string[]> {
  const single = join(folder, 'model.safetensors');
  if (existsSync(single)) return [single];
  const index = join(folder, 'model.safetensors.index.json');
  if (existsSync(index)) return shardsIn(folder, index);
  const names = await readdir(folder);
  const own = names.filter((file) => file.endsWith('.safetensors'));
  if (own.length === 1) return [join(folder, own[0]!)];
  if (own.length > 1)
    throw new HumanError(
      `${folder} holds ${own.length} safetensors files and none is model.safetensors.`,
      `Name one of them: ${own.slice(0, 5).join(', ')}.`,
      'weights_missing',
    );
  const other = names.find((file) => /\.(bin|pt|pth|ckpt|h5|msgpack|onnx)$/.test(file));
  if (other) throw notSafetensors(folder, other);
  throw new HumanError(
    `${folder} holds no model.safetensors.`,
    'Name the folder that transformers’ save_pretrained or a Tandem checkpoint wrote.',
    'weights_missing',
  );
}

async function shardsIn(folder: string, index: string): Promise<string[]> {
  const files = (await shardsOf(index)).map((file) => join(folder, file));
  const missing = files.find((file) => !existsSync(file));
  if (missing === undefined) return files;
  throw new HumanError(
    `${index} names ${basename(missing)}, which is not beside it.`,
    `Download it too; the weights are ${files.length} files.`,
    'weights_missing',
  );
}

function notSafetensors(place: string, file: string): HumanError {
  return new HumanError(
    `${place} holds ${file}, which is not safetensors (PyTorch’s own format can run code when it is read).`,
    'Convert it once in Python: safetensors.torch.save_file(torch.load(FILE, weights_only=True), "model.safetensors").',
    'not_safetensors',
  );
}

/** Fetches what is needed of a model of the Hugging Face hub into its usual cache. */
async function openHub(name: string): Promise<WeightsSource> {
  return withHub(name, async ({ files, get }) => {
    let weights: string[];
    if (files.has('model.safetensors')) weights = ['model.safetensors'];
    else if (files.has('model.safetensors.index.json'))
      weights = await shardsOf(await get('model.safetensors.index.json'));
    else
      throw notSafetensors(
        name,
        [...files].find((file) => /\.(bin|pt|h5|msgpack)$/.test(file)) ?? 'no model.safetensors',
      );
    const json = async (path: string) => (files.has(path) ? readJson(await get(path)) : null);
    const config = await json('config.json');
    const vocabulary = vocabularyAmong((file) => files.has(file), config);
    // The settings of a vocabulary lie beside it.
    if (vocabulary && files.has('tokenizer_config.json')) await get('tokenizer_config.json');
    return {
      name,
      weightFiles: await Promise.all(weights.map(get)),
      config,
      vocabFile: vocabulary && (await get(vocabulary)),
      preprocessor: await json('preprocessor_config.json'),
    };
  });
}
