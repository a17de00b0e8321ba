import type { TrainConfig } from '../../experiment/config.ts';
import { createOnnxBackend } from '../../onnx-backend/backend.ts';
import { captureFunction, captureOnDevice } from '../../onnx-backend/capture.ts';
import { randomMask } from '../../onnx-backend/kernels/random.ts';
import { DeviceArrays } from '../../onnx-backend/device-arrays.ts';
import type { Provider, SessionSettings } from '../../onnx-backend/session.ts';
import { OnnxError } from '../../onnx-backend/errors.ts';
import { HumanError } from '../../protocol/human-error.ts';
import type { ProviderChoice } from './choose-provider.ts';
import type { CompiledFunction, Device, Engine, Values } from './engine.ts';
import { providerDevice } from './provider-device.ts';
import type { ProviderTiming } from './provider-timing.ts';
import { providersHere } from './providers-here.ts';
import { usableThreads } from './usable-threads.ts';

/**
 * The onnx engine on the provider asked for. With `auto` the one that `choose` takes of those that may work beside the processor; where
 * nothing is measured CUDA when it works, else the processor.
 */
export async function createOnnxEngine(
  { provider, threads }: Pick<TrainConfig, 'provider' | 'threads'>,
  why: string,
  choose?: ChooseProvider,
): Promise<Engine> {
  const { inOrder, reasons, measured } = provider === 'auto' ? await order(choose) : asAsked(provider);
  const failures: OnnxError[] = [];
  for (const candidate of inOrder) {
    try {
      const told = [why, ...reasons, ...failures.map(({ what }) => what)].join(' ');
      return await createWith(candidate, threads ?? usableThreads(), told, measured);
    } catch (error) {
      if (!(error instanceof OnnxError)) throw error;
      failures.push(error);
      if (error.code !== 'no_device') break; // the package itself does not load: no other provider will
    }
  }
  throw asHuman(failures.at(-1)!);
}

/** Chooses among providers that may work beside the processor; null: nothing can be said. */
export type ChooseProvider = (candidates: readonly Provider[]) => Promise<ProviderChoice | null>;

interface ProviderOrder {
  inOrder: Provider[];
  reasons: string[];
  measured: ProviderTiming[];
}

async function order(choose: ChooseProvider | undefined): Promise<ProviderOrder> {
  const { candidates, passed } = providersHere();
  const choice = candidates.length > 0 ? ((await choose?.(candidates)) ?? null) : null;
  if (choice) {
    const inOrder = [...new Set([choice.provider, 'cpu' as const])];
    return { inOrder, reasons: [choice.why, ...passed], measured: choice.timings };
  }
  const inOrder: Provider[] = candidates.includes('cuda') ? ['cuda', 'cpu'] : ['cpu'];
  return { inOrder, reasons: passed, measured: [] };
}

const asAsked = (provider: Provider): ProviderOrder => ({ inOrder: [provider], reasons: [], measured: [] });

async function createWith(
  provider: Provider,
  threads: number,
  why: string,
  measured: readonly ProviderTiming[],
): Promise<Engine> {
  const leftToProcessor = new Map<string, number>();
  const settings = { provider, threads, leftToProcessor };
  const info = await createOnnxBackend(settings);
  return {
    name: 'onnx',
    provider: info.provider,
    device: (await providerDevice(provider)).name,
    threads: info.threads,
    why,
    measured,
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

const asHuman = ({ said, code }: OnnxError): HumanError => new HumanError(said.what, said.todo, code);
