import { freemem, totalmem } from 'node:os';
import { memoryText, type RunMemory } from '../../protocol/run-memory.ts';
import { byteSize } from '../../text/numbers.ts';
import type { Engine } from '../engines/engine.ts';
import { sampleGpus } from './gpus.ts';
import { gpuOfRun } from './samples.ts';

/** What a run is expected to take of the memory that it computes in, beside what is there: for its log, before the first step. */
export async function memoryLine(memory: RunMemory, engine: Engine): Promise<string> {
  const isOnDevice = computesOnGpu(engine);
  const there = isOnDevice ? await deviceText(engine.device) : machineText();
  return `memory${isOnDevice ? ' of the device' : ''}, as expected: ${memoryText(memory, isOnDevice)}. ${there}`;
}

/** Whether an engine's arrays lie in a graphics device's memory. */
export const computesOnGpu = ({ name, provider }: Pick<Engine, 'name' | 'provider'>): boolean =>
  name === 'tensorflow_gpu' || (provider !== null && provider !== 'cpu');

const machineText = (): string =>
  `This machine has ${byteSize(totalmem())}, ${byteSize(freemem())} of them free.`;

async function deviceText(device: string): Promise<string> {
  const gpu = gpuOfRun(await sampleGpus(), device);
  if (!gpu?.memoryTotal) return `How much ${device} has is not known.`;
  const used = gpu.memoryUsed === null ? '' : `, ${byteSize(gpu.memoryTotal - gpu.memoryUsed)} of them free`;
  return `${gpu.name} has ${byteSize(gpu.memoryTotal)}${used}.`;
}
