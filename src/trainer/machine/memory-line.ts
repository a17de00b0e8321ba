import { freemem, totalmem } from 'node:os';
import { memoryText, type RunMemory } from '../../protocol/run-memory.ts';
import { byteSize } from '../../text/numbers.ts';
import type { Engine } from '../engines/engine.ts';
import { sampleGpus } from './gpus.ts';
import { gpuOfRun } from './samples.ts';
import { t } from '../../text/say.ts';

/** What a run is expected to take of the memory that it computes in, beside what is there: for its log, before the first step. */
export async function memoryLine(memory: RunMemory, engine: Engine): Promise<string> {
  const isOnDevice = computesOnGpu(engine);
  const there = isOnDevice ? await deviceText(engine.device) : machineText();
  const expected = memoryText(memory, isOnDevice);
  return isOnDevice
    ? t('memory of the device, as expected: {0}. {1}', expected, there)
    : t('memory, as expected: {0}. {1}', expected, there);
}

/** Whether an engine's arrays lie in a graphics device's memory. */
export const computesOnGpu = ({ name, provider }: Pick<Engine, 'name' | 'provider'>): boolean =>
  name === 'tensorflow_gpu' || (provider !== null && provider !== 'cpu');

const machineText = (): string =>
  t('This machine has {0}, {1} of them free.', byteSize(totalmem()), byteSize(freemem()));

async function deviceText(device: string): Promise<string> {
  const gpu = gpuOfRun(await sampleGpus(), device);
  if (!gpu?.memoryTotal) return t('How much {0} has is not known.', device);
  const all = byteSize(gpu.memoryTotal);
  return gpu.memoryUsed === null
    ? t('{0} has {1}.', gpu.name, all)
    : t('{0} has {1}, {2} of them free.', gpu.name, all, byteSize(gpu.memoryTotal - gpu.memoryUsed));
}
