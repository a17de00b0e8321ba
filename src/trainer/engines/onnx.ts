import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { TrainConfig } from '../../experiment/config.ts';
import { createOnnxBackend } from '../../onnx-backend/backend.ts';
import { captureFunction, captureOnDevice } from '../../onnx-backend/capture.ts';
import { randomMask } from '../../onnx-backend/kernels/random.ts';
import { DeviceArrays } from '../../onnx-backend/device-arrays.ts';
import type { SessionSettings } from '../../onnx-backend/session.ts';
import { OnnxError } from '../../onnx-backend/errors.ts';
import { HumanError } from '../../protocol/human-error.ts';
import type { CompiledFunction, Device, Engine, Values } from './engine.ts';
import { usableThreads } from './usable-threads.ts';

type Provider = 'cpu' | 'webgpu' | 'cuda';

/**
 * The onnx engine on the provider asked for. `auto` takes CUDA when it works and the processor otherwise; WebGPU must be asked for:
 * it also runs on software drivers, which would be slower than the processor itself.
 */
export async function createOnnxEngine(
  { provider, threads }: Pick<TrainConfig, 'provider' | 'threads'>,
  why: string,
): Promise<Engine> {
  const candidates: Provider[] =
    provider !== 'auto' ? [provider] : hasCudaLibraries() ? ['cuda', 'cpu'] : ['cpu'];
  const failures: OnnxError[] = [];
  for (const candidate of candidates) {
    try {
      return await createWith(candidate, threads ?? usableThreads(), why);
    } catch (error) {
      if (!(error instanceof OnnxError)) throw error;
      failures.push(error);
      if (error.code !== 'no_device') break; // the package itself does not load: no other provider will
    }
  }
  throw asHuman(failures.at(-1)!);
}

/** ONNX Runtime shouts into the log when CUDA is tried without them; they come with `tandem engine install onnx_cuda`. */
function hasCudaLibraries(): boolean {
  const { resolve } = createRequire(import.meta.url);
  try {
    const bin = join(dirname(resolve('onnxruntime-node/package.json')), 'bin');
    return readdirSync(bin, { recursive: true }).some((file) =>
      /onnxruntime_providers_cuda\./.test(String(file)),
    );
  } catch {
    // Where the package cannot be found, the processor's provider says so.
    return false;
  }
}

async function createWith(provider: Provider, threads: number, why: string): Promise<Engine> {
  const leftToProcessor = new Map<string, number>();
  const settings = { provider, threads, leftToProcessor };
  const info = await createOnnxBackend(settings);
  return {
    name: 'onnx',
    provider: info.provider,
    device: info.device,
    threads: info.threads,
    why,
    leftToProcessor,
    compile: (fn, specs, into) =>
      humanly(async () => {
        const captured = await captureFunction(fn, specs, into);
        return {
          run: (feeds) => humanly(() => captured.run(feeds)),
          dispose: () => captured.dispose(),
        } satisfies CompiledFunction;
      }),
    openDevice: provider === 'webgpu' ? () => openDevice(settings) : null,
    dispose() {},
  };
}

/** The binding keeps arrays on WebGPU's devices only: with CUDA they go up and down at each step. */
function openDevice(settings: SessionSettings): Device {
  const arrays = new DeviceArrays(settings);
  return {
    traffic: arrays.traffic,
    upload(values, shapes) {
      arrays.upload(
        Object.fromEntries(
          Object.entries(values).map(([name, data]) => [
            name,
            { type: data instanceof Int32Array ? 'int32' : 'float32', shape: shapes[name]!, data },
          ]),
        ),
      );
    },
    download: (into) => arrays.download(into),
    randomMask,
    compile: (fn, specs, stays) =>
      humanly(async () => {
        const captured = await captureOnDevice(fn, specs, arrays, stays);
        return {
          kept: captured.kept,
          run: (feeds) => humanly(() => Promise.resolve(captured.run(feeds) as Values)),
          dispose: () => captured.dispose(),
        };
      }),
    dispose: () => arrays.dispose(),
  };
}

async function humanly<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof OnnxError ? asHuman(error) : error;
  }
}

const asHuman = ({ what, todo, code }: OnnxError): HumanError => new HumanError(what, todo, code);
