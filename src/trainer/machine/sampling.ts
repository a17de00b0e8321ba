import { Worker } from 'node:worker_threads';
import type { SystemEvent } from '../../protocol/events.ts';
import type { Engine } from '../engines/engine.ts';
import { computesOnGpu } from './memory-line.ts';

export type Sample = Omit<SystemEvent, 'kind'>;

/** What the sampling thread is told. */
export interface SamplerData {
  /** See `createSamples`. */
  device: string | null;
  /** Steps done: shared memory of one number, which the trainer writes. */
  steps: Float64Array;
  intervalMs: number;
}

export interface Sampling {
  /** So many steps are done. */
  stepped(step: number): void;
  end(): Promise<void>;
}

/** As often as other tools do: a day is 17,280 samples, 2 MB of events. */
const usualMs = 5000;

/**
 * Samples what this process and the engine's device do, every few seconds and in a thread of its own: a step loses nothing by it. `program` is
 * that of sampler.ts. A thread that fails costs the samples and never the run.
 */
export function startSampling(
  program: URL,
  engine: Pick<Engine, 'device' | 'provider' | 'name'>,
  step: number,
  take: (sample: Sample) => void,
  intervalMs = usualMs,
): Sampling {
  const steps = new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT));
  steps[0] = step;
  const data: SamplerData = { device: computesOnGpu(engine) ? engine.device : null, steps, intervalMs };
  const worker = new Worker(program, { workerData: data, resourceLimits: { maxOldGenerationSizeMb: 32 } });
  worker.unref();
  worker.on('message', take);
  worker.on('error', (error) => console.error('The use of the machine is not sampled any more:', error));
  return {
    stepped: (done) => void (steps[0] = done),
    end: async () => void (await worker.terminate()),
  };
}
