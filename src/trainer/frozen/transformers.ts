import type { Tensor as LibraryTensor } from '@xenova/transformers';
import { disableTelemetry } from '../../onnx-backend/telemetry.ts';
import { HumanError } from '../../protocol/human-error.ts';
import { toFloat32, toHalf } from '../../store/tensors.ts';
import { listed } from '../../text/words.ts';
import type { OnnxSource } from '../../weights/onnx-files.ts';
import { said } from '../../text/say.ts';

/** What goes into a model. */
export interface ModelInput {
  data: Float32Array | BigInt64Array;
  shape: number[];
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
  if (!inputs.includes(needed) || inputs.some((name) => name !== needed && !others.includes(name))) {
    await model.dispose();
    throw new HumanError(
      said('{0} takes {1}, and {2}.', source.files[0]!, listed(inputs), what),
      said('Export the encoder alone; those of CLIP and SigLIP are vision_model.onnx and text_model.onnx.'),
      'bad_weights',
    );
  }
  const halved = new Set(inputMetadata.flatMap(({ name, type }) => (type === 'float16' ? [name] : [])));
  const tensor = (name: string, { data, shape }: ModelInput): LibraryTensor => {
    if (data instanceof BigInt64Array) return new Tensor('int64', data, shape);
    return halved.has(name) ? new Tensor('float16', toHalf(data), shape) : new Tensor('float32', data, shape);
  };
  return {
    inputs,
    async run(given) {
      const wanted = Object.entries(given).filter(([name]) => inputs.includes(name));
      const feeds = Object.fromEntries(wanted.map(([name, input]) => [name, tensor(name, input)]));
      const outputs = (await model(feeds)) as Record<string, LibraryTensor>;
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
  inputMetadata: { name: string; type: string }[];
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
  const reason = (error instanceof Error ? error.message : String(error)).split('\n')[0]!.slice(0, 300);
  return new HumanError(
    said('{0} ({1}) cannot be loaded: {2}.', files[0]!, type, reason.replace(/\.$/, '')),
    said('Download it again: half a download looks like that.'),
    'bad_weights',
  );
}
