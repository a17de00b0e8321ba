import { cpuUse, gpuMemory, gpuUtilisation, residentMemory } from '../../protocol/metrics.ts';
import { usableThreads } from '../engines/usable-threads.ts';
import { sampleGpus, type Gpu } from './gpus.ts';

/** Time that a process has computed, in microseconds on all its threads, and when that was asked, in milliseconds. */
interface CpuTime {
  user: number;
  system: number;
  at: number;
}

/**
 * Asks what this process takes of its machine, by metric name, since the question before (the first one: since this call). `device` is the one
 * that the run computes on, in its maker's words; null where that is the processor. The trainer computes in one process: there are
 * no others to be counted.
 */
export function createSamples(device: string | null): () => Promise<Record<string, number>> {
  const threads = usableThreads();
  let before = cpuTime();
  return async () => {
    const now = cpuTime();
    const metrics = {
      [cpuUse]: percentOfCores(before, now, threads),
      [residentMemory]: process.memoryUsage.rss(),
    };
    before = now;
    const gpu = device === null ? null : gpuOfRun(await sampleGpus(), device);
    return { ...metrics, ...(gpu && useOfGpu(gpu)) };
  };
}

const cpuTime = (): CpuTime => ({ ...process.cpuUsage(), at: performance.now() });

/** 100 when all cores that the process may use were busy with it all the time. */
export const percentOfCores = (before: CpuTime, now: CpuTime, cores: number): number =>
  (100 * (now.user + now.system - before.user - before.system)) / 1000 / (now.at - before.at) / cores;

/**
 * The device that the run computes on: the one of that name, of several alike the first. Where the engine could not name its own it is the
 * only one that there is; else null.
 */
export function gpuOfRun(gpus: readonly Gpu[], device: string): Gpu | null {
  const named = gpus.find(({ name }) => device.toLowerCase().includes(name.toLowerCase()));
  if (named) return named;
  return gpus.length === 1 && /^(WebGPU device|CUDA device |GPU:)\s*\d+$/.test(device) ? gpus[0]! : null;
}

function useOfGpu({ memoryUsed, utilisation }: Gpu): Record<string, number> {
  return {
    ...(memoryUsed !== null && { [gpuMemory]: memoryUsed }),
    ...(utilisation !== null && { [gpuUtilisation]: 100 * utilisation }),
  };
}
