import * as tf from '@tensorflow/tfjs';
import { LRUCache } from 'lru-cache';
import { runEager, type EagerSession } from './eager.ts';
import { OnnxError } from './errors.ts';
import type { Graph, Value } from './graph.ts';
import { kernels, views } from './kernels/all.ts';
import type { Inputs } from './kernels/kernel.ts';
import { checkProvider } from './provider.ts';
import type { Provider, SessionSettings } from './session.ts';
import { TensorStore, type Dtype } from './tensor-store.ts';
import { said } from '../text/say.ts';

/** Eager sessions that are kept; a training step run eagerly makes 170-330 different ones. */
const EAGER_SESSIONS = 512;

/** What the engine really computes with. */
export interface OnnxBackendInfo {
  /** The name to give tf.setBackend. */
  name: 'onnx';
  version: string;
  provider: Provider;
  threads: number;
}

/** The tfjs backend: eager kernels run as small sessions; between `begin` and `end` they are recorded in a graph. */
export class OnnxBackend extends TensorStore {
  readonly eagerSessions = new LRUCache<string, EagerSession, () => EagerSession>({
    max: EAGER_SESSIONS,
    memoMethod: (_key, _stale, { context: prepare }) => prepare(),
    dispose: (session) => session.dispose(),
  });
  #capturing: Graph | null = null;

  constructor(readonly settings: SessionSettings) {
    super();
  }

  /** Records every kernel from now on in `graph`, until `end`. */
  begin(graph: Graph): void {
    if (this.#capturing) {
      throw new OnnxError(
        said('A function is captured while another one is being captured.'),
        said('Capture one after the other.'),
        'nested_capture',
      );
    }
    this.#capturing = graph;
  }

  end(): void {
    this.#capturing = null;
  }

  /** Computes one kernel now, or records it. */
  compute(name: string, inputs: tf.NamedTensorInfoMap, attributes: unknown): tf.TensorInfo | tf.TensorInfo[] {
    const graph = this.#capturing;
    if (!graph) return runEager(this, name, kernels[name]!, views.has(name), inputs, attributes);
    const values: Inputs = {};
    for (const key of Object.keys(inputs)) {
      const input = inputs[key];
      if (input) values[key] = this.valueIn(graph, input);
    }
    const made = kernels[name]!(graph, values, attributes);
    const hold = (value: Value): tf.TensorInfo => this.holdSymbol(value, name, value.type as Dtype);
    return Array.isArray(made) ? made.map(hold) : hold(made);
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override timerAvailable(): boolean {
    return false;
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }

  override dispose(): void {
    this.eagerSessions.clear();
  }
}

/**
 * Registers the tfjs backend 'onnx' and tells what it will compute with. Throws an OnnxError when onnxruntime-node
 * cannot load, or the provider or its device is not there: it never takes another provider instead.
 */
export async function createOnnxBackend(settings: SessionSettings): Promise<OnnxBackendInfo> {
  const version = checkProvider(settings);
  if (tf.engine().registryFactory && 'onnx' in tf.engine().registryFactory) tf.removeBackend('onnx');
  tf.registerBackend('onnx', () => new OnnxBackend(settings), 0);
  for (const name of Object.keys(kernels)) {
    if (tf.getKernel(name, 'onnx')) continue;
    tf.registerKernel({
      kernelName: name,
      backendName: 'onnx',
      kernelFunc: ({ inputs, backend, attrs }) => (backend as OnnxBackend).compute(name, inputs, attrs ?? {}),
    });
  }
  return { name: 'onnx', version, provider: settings.provider, threads: settings.threads };
}

/** The registered backend; an error when createOnnxBackend has not run. */
export function onnxBackend(): OnnxBackend {
  const backend = tf.findBackend('onnx') as OnnxBackend | null;
  if (backend) return backend;
  throw new OnnxError(
    said('The onnx backend is used before it is registered.'),
    said('Call createOnnxBackend first.'),
    'not_installed',
  );
}
