import type { Tensor as LibraryTensor } from '@xenova/transformers';
import { runtimeError } from '../../onnx-backend/errors.ts';
import { disableTelemetry } from '../../onnx-backend/telemetry.ts';
import { HumanError } from '../../protocol/human-error.ts';
import { toFloat32, toHalf } from '../../store/tensors.ts';
import { listed } from '../../text/words.ts';
import type { OnnxSource } from '../../weights/onnx-files.ts';
import { said } from '../../text/say.ts';

/** What goes into a model. */
export interface ModelInput {
  data: Float32Array | BigInt64Array;
  shape: readonly number[];
}

/** What comes out of it. */
export interface ModelOutput {
  data: Float32Array;
  shape: readonly number[];
}

/** Shapes of a model's outputs, by their names. */
export type OutputShapes = Readonly<Record<string, readonly number[]>>;

export const shapesOf = (outputs: Record<string, ModelOutput>): OutputShapes =>
  Object.fromEntries(Object.entries(outputs).map(([name, { shape }]) => [name, shape]));

/** An encoder that others trained and exported, as transformers.js runs it. */
export interface LoadedModel {
  inputs: readonly string[];
  run(inputs: Record<string, ModelInput>): Promise<Record<string, ModelOutput>>;
  dispose(): Promise<void>;
}

/** Where a model runs. */
export interface Processors {
  threads: number;
  /** ONNX Runtime's execution provider of the engine; null: another engine computes, and this runs on the processor. */
  provider: string | null;
}

/** What an encoder of either side takes; token types are all 0, as transformers.js fills them in. */
const known = {
  image: {
    needed: 'pixel_values',
    others: ['pixel_mask'],
    what: said('an image encoder takes pixel_values'),
  },
  text: {
    needed: 'input_ids',
    others: ['attention_mask', 'token_type_ids'],
    what: said('a text encoder takes input_ids, attention_mask and token_type_ids or some of these'),
  },
};

/**
 * Loads the model of a folder; HumanError `bad_weights` when it is damaged or takes other inputs than an encoder of that side. Nothing is
 * asked of any host: what the library would fetch is an error.
 */
export async function loadModel(
  source: OnnxSource,
  side: 'image' | 'text',
  { threads, provider }: Processors,
): Promise<LoadedModel> {
  const { AutoModel, Tensor } = await library();
  const model = await AutoModel.from_pretrained(source.folder, {
    local_files_only: true,
    subfolder: source.subfolder,
    // The whole name: the library knows one suffix a type, and here are more.
    model_file_name: source.model + source.suffix,
    dtype: 'fp32',
    device: provider === 'cuda' || provider === 'webgpu' ? provider : 'cpu',
    session_options: { intraOpNumThreads: threads, logSeverityLevel: 3 },
  }).catch((error: unknown) => {
    throw notLoaded(source, error);
  });
  const { inputNames: inputs, inputMetadata } = model.sessions['model'] as Session;
  const { needed, others, what } = known[side];
  const unknown = inputs.filter((name) => name !== needed && !others.includes(name));
  if (!inputs.includes(needed) || unknown.length > 0) {
    await model.dispose();
    throw new HumanError(
      said('{0} takes {1}, and {2}.', source.files[0]!, listed(inputs), what),
      inputs.includes(needed)
        ? said('Export the encoder without {0}.', listed(unknown))
        : said(
            'Export the encoder alone; those of CLIP and SigLIP are vision_model.onnx and text_model.onnx.',
          ),
      'bad_weights',
    );
  }
  const wanted = new Map(inputMetadata.map((input) => [input.name, input]));
  const tensor = (name: string, { data, shape: given }: ModelInput): LibraryTensor => {
    const { type, shape } = wanted.get(name)!;
    if (shape.some((size, axis) => typeof size === 'number' && size !== given[axis]))
      throw otherShape(source, name, shape, given);
    const dims = [...given];
    if (data instanceof BigInt64Array)
      return type === 'int32'
        ? new Tensor('int32', Int32Array.from(data, Number), dims)
        : new Tensor('int64', data, dims);
    return type === 'float16' ? new Tensor('float16', toHalf(data), dims) : new Tensor('float32', data, dims);
  };
  const computed = async (feeds: Record<string, LibraryTensor>): Promise<Record<string, LibraryTensor>> => {
    try {
      return (await model(feeds)) as Record<string, LibraryTensor>;
    } catch (error) {
      throw notComputed(source, error);
    }
  };
  return {
    inputs,
    async run(given) {
      const taken = Object.entries(given).filter(([name]) => inputs.includes(name));
      const feeds = Object.fromEntries(taken.map(([name, input]) => [name, tensor(name, input)]));
      const outputs = await computed(feeds);
      return Object.fromEntries(
        Object.entries(outputs).map(([name, { data, dims }]) => [
          name,
          { data: toFloats(data as ArrayBufferView), shape: dims },
        ]),
      );
    },
    dispose: async () => void (await model.dispose()),
  };
}

/** What the library's own type leaves open of an ONNX Runtime session. */
interface Session {
  inputNames: string[];
  /** Sizes that are open are names. */
  inputMetadata: { name: string; type: string; shape: readonly (number | string)[] }[];
}

/** Halves come as Uint16Array, or as Float16Array where Node has that. */
function toFloats(data: ArrayBufferView): Float32Array {
  if (data instanceof Float32Array) return data;
  const bits = new Uint16Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength / 2);
  return toFloat32({ dtype: 'F16', shape: [bits.length], data: bits });
}

/** transformers.js, told to stay on this machine before it loads ONNX Runtime. */
async function library() {
  disableTelemetry();
  const transformers = await import('@xenova/transformers');
  const { env, LogLevel } = transformers;
  env.allowRemoteModels = false;
  env.useFSCache = false;
  env.useBrowserCache = false;
  env.logLevel = LogLevel.ERROR;
  env.fetch = (url: unknown) => Promise.reject(new Error(`${String(url)} was not asked for`));
  return transformers;
}

function notLoaded({ files, type }: OnnxSource, error: unknown): HumanError {
  return new HumanError(
    said('{0} ({1}) cannot be loaded: {2}.', files[0]!, type, reasonOf(error)),
    said('Download it again: half a download looks like that.'),
    'bad_weights',
  );
}

/** What an encoder of others cannot do with an input is no fault of the image or caption. */
function notComputed({ files }: OnnxSource, error: unknown): Error {
  const known = runtimeError(error, 'run');
  // Too little memory and a lost device are not the file's either.
  if (known.code !== 'graph_refused') return known;
  return new HumanError(
    said('{0} fails when it runs: {1}.', files[0]!, reasonOf(error)),
    said(
      'Look whether config.json, the tokenizer and preprocessor_config.json beside it are its own; else choose other numbers (dtype), or export it again.',
    ),
    'bad_weights',
  );
}

function otherShape(
  { files }: OnnxSource,
  name: string,
  wanted: readonly (number | string)[],
  given: readonly number[],
): HumanError {
  const isBatch = typeof wanted[0] === 'number';
  return new HumanError(
    said('{0} takes {1} [{2}] alone, not [{3}].', files[0]!, name, wanted.join(', '), given.join(', ')),
    isBatch
      ? said('Export it with an open number of images or captions (dynamic_axes).')
      : said(
          'Look whether config.json and preprocessor_config.json beside it are its own, or export it with open sizes (dynamic_axes).',
        ),
    'bad_weights',
  );
}

const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]!.slice(0, 300).replace(/\.$/, '');
