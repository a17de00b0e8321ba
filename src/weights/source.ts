import { existsSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { HumanError } from '../protocol/human-error.ts';
import { openHub, type HubModel } from './hub.ts';
import { refuseOtherKinds } from './look.ts';
import { fromOpenClip, isOpenClip, openClipConfigFile, openClipWeights } from './open-clip.ts';
import { readJson, shardsOf } from './shards.ts';
import { said } from '../text/say.ts';

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
export type WeightsBeside = Omit<WeightsSource, 'weightFiles'>;

const filesBeside = [
  'config.json',
  'vocab.txt',
  'vocab.json',
  'merges.txt',
  'tokenizer.json',
  'tokenizer_config.json',
  'preprocessor_config.json',
  openClipConfigFile,
];

/**
 * A BERT's vocab.txt, or the tokenizer.json that all others have, or the vocab.json that older ones have, with its merges.txt. Where vocab.txt and
 * tokenizer.json are there, a BERT's vocabulary is read as that.
 */
export function vocabularyAmong(
  has: (file: string) => boolean,
  config: Record<string, unknown> | null,
): string | null {
  const isBert = ['bert', undefined].includes(config?.['model_type'] as string | undefined);
  const files = isBert ? ['vocab.txt', 'tokenizer.json'] : ['tokenizer.json', 'vocab.txt'];
  return files.find(has) ?? (has('vocab.json') && has('merges.txt') ? 'vocab.json' : null);
}

/** Finds the files of a folder, of a single safetensors file, or of a hub id `hf:owner/name`, whose files are fetched once. */
export async function openWeights(name: string, hub = openHub()): Promise<WeightsSource> {
  if (name.startsWith('hf:'))
    return hub.with(name, async (model) => {
      const weights = await hubWeights(name, model);
      const [weightFiles, beside] = await Promise.all([
        Promise.all(weights.map(model.get)),
        besideOf(name, model),
      ]);
      return { ...beside, weightFiles };
    });
  if (!existsSync(name)) throw noWeights(name);
  if (!statSync(name).isDirectory()) {
    if (!name.endsWith('.safetensors')) throw notSafetensors(name, basename(name));
    await refuseOtherKinds([name]);
    return { name, weightFiles: [name], config: null, vocabFile: null, preprocessor: null };
  }
  const weightFiles = await weightFilesOf(name);
  await refuseOtherKinds(weightFiles);
  return { ...(await openBeside(name)), weightFiles };
}

/** Only what lies beside weights, which themselves are not fetched. */
export async function openBeside(name: string, hub = openHub()): Promise<WeightsBeside> {
  if (name.startsWith('hf:')) return hub.with(name, (model) => besideOf(name, model));
  if (!existsSync(name)) throw noWeights(name);
  if (!statSync(name).isDirectory()) return { name, config: null, vocabFile: null, preprocessor: null };
  const there = filesBeside.filter((file) => existsSync(join(name, file)));
  await refuseOtherKinds(there.map((file) => join(name, file)));
  return besideOf(name, { files: new Set(await readdir(name)), get: async (file) => join(name, file) });
}

async function besideOf(name: string, { files, get }: HubModel): Promise<WeightsBeside> {
  const json = async (path: string) => (files.has(path) ? readJson(await get(path)) : null);
  const written = isOpenClip((file) => files.has(file)) ? await json(openClipConfigFile) : null;
  const openClip = written && fromOpenClip(written, name);
  const config = openClip?.config ?? (await json('config.json'));
  const vocabulary = vocabularyAmong((file) => files.has(file), config);
  // The settings of a vocabulary lie beside it.
  if (vocabulary && files.has('tokenizer_config.json')) await get('tokenizer_config.json');
  if (vocabulary === 'vocab.json') await get('merges.txt');
  return {
    name,
    config,
    vocabFile: vocabulary && (await get(vocabulary)),
    preprocessor: openClip?.preprocessor ?? (await json('preprocessor_config.json')),
  };
}

const usualFile = 'model.safetensors';
const usualIndex = 'model.safetensors.index.json';

/** Paths of a hub model's files of weights. */
async function hubWeights(name: string, { files, get }: HubModel): Promise<string[]> {
  const names = [...files].filter((path) => !path.includes('/'));
  const single = singleAmong(name, names);
  if (single !== null) return [single];
  const shards = await shardsOf(await get(usualIndex));
  const missing = shards.find((file) => !files.has(file));
  if (missing !== undefined) throw shardMissing(`${name}’s ${usualIndex}`, missing, shards.length);
  return shards;
}

async function weightFilesOf(folder: string): Promise<string[]> {
  const single = singleAmong(folder, await readdir(folder));
  if (single !== null) return [join(folder, single)];
  const index = join(folder, usualIndex);
  const shards = (await shardsOf(index)).map((file) => join(folder, file));
  const missing = shards.find((file) => !existsSync(file));
  if (missing !== undefined) throw shardMissing(index, basename(missing), shards.length);
  return shards;
}

/** The one file of weights among a folder's; null where an index names several. */
function singleAmong(place: string, names: readonly string[]): string | null {
  const openClip = openClipWeights((file) => names.includes(file));
  if (openClip !== undefined) return openClip;
  if (names.includes(usualFile)) return usualFile;
  if (names.includes(usualIndex)) return null;
  const own = names.filter((file) => file.endsWith('.safetensors'));
  if (own.length === 1) return own[0]!;
  if (own.length > 1)
    throw new HumanError(
      said('{0} holds {1} safetensors files and none is model.safetensors.', place, own.length),
      place.startsWith('hf:')
        ? said('Download one of them and name it: {0}.', own.slice(0, 5).join(', '))
        : said('Name one of them: {0}.', own.slice(0, 5).join(', ')),
      'weights_missing',
    );
  const other = names.find((file) => /\.(bin|pt|pth|ckpt|h5|msgpack|onnx)$/.test(file));
  if (other !== undefined) throw notSafetensors(place, other);
  throw new HumanError(
    said(
      '{0} holds no model.safetensors{1}.',
      place,
      names.length > 0
        ? said(
            ', but {0}{1}',
            names.slice(0, 5).join(', '),
            names.length > 5 ? said(' and {0} more', names.length - 5) : '',
          )
        : '',
    ),
    said(
      'Name the folder that transformers’ save_pretrained or a Tandem checkpoint wrote, or a model of the hub that has its weights as safetensors.',
    ),
    'weights_missing',
  );
}

function shardMissing(index: string, missing: string, count: number): HumanError {
  return new HumanError(
    said('{0} names {1}, which is not beside it.', index, missing),
    said('Download it too; the weights are {0} files.', count),
    'weights_missing',
  );
}

function noWeights(name: string): HumanError {
  return new HumanError(
    said('There are no weights at {0}.', name),
    said('Name a folder with model.safetensors, or a model of the hub as hf:owner/name.'),
    'weights_missing',
  );
}

function notSafetensors(place: string, file: string): HumanError {
  return new HumanError(
    said(
      '{0} holds {1}, which is not safetensors (PyTorch’s own format can run code when it is read).',
      place,
      file,
    ),
    said(
      'Convert it once in Python: safetensors.torch.save_file(torch.load(FILE, weights_only=True), "model.safetensors").',
    ),
    'not_safetensors',
  );
}
