import type { TrainingMemory } from '../experiment/checks/memory.ts';
import type { Relief } from '../experiment/checks/relief.ts';
import { byteSize, rounded } from '../text/numbers.ts';
import { listed } from '../text/words.ts';
import type { RunFinding } from './events.ts';

/** What a run was expected to take when it was planned; an estimate. */
export interface RunMemory extends TrainingMemory {
  /** What to set should memory run out: the most that is expected to fit. null where nothing alone would help. */
  relief: Relief | null;
}

/** Bytes of the device's memory, or of the machine's where the processor computes: there also lies the program. */
export const memoryBytes = (
  { weights, training, activations, program }: TrainingMemory,
  isOnDevice: boolean,
): number => weights + training + activations + (isOnDevice ? 0 : program);

/** `about 4.1 GB: weights 0.54 GB, gradients and moments 1.6 GB, activations 1.4 GB, the program 0.3 GB` */
export function memoryText(memory: TrainingMemory, isOnDevice: boolean): string {
  const { weights, training, activations, program } = memory;
  const size = (bytes: number): string => byteSize(rounded(bytes, 2));
  const parts = [
    `weights ${size(weights)}`,
    ...(training > 0 ? [`gradients and moments ${size(training)}`] : []),
    `activations ${size(activations)}`,
    ...(isOnDevice ? [] : [`the program ${size(program)}`]),
  ];
  return `about ${size(memoryBytes(memory, isOnDevice))}: ${parts.join(', ')}`;
}

/** What is said of a run that memory was not enough for, with the setting that would fit. `message`: how that is known. */
export function outOfMemory(
  step: number,
  memory: RunMemory | null,
  message = 'The trainer ran out of memory.',
): RunFinding {
  const relief = memory?.relief ?? null;
  return {
    step,
    severity: 'error',
    code: 'out_of_memory',
    key: 'train.batch_size',
    message,
    advice: `${reliefText(relief)}, and restart the run.`,
    evidence: memory ? { expected_bytes: Math.round(memoryBytes(memory, false)) } : {},
    ...(relief && { change: { path: relief.path, value: relief.value } }),
  };
}

function reliefText(relief: Relief | null): string {
  if (relief?.path === 'train.micro_batch')
    return `Set train.micro_batch to ${relief.value}: of train.batch_size so many pairs at a time take less memory`;
  if (relief) return `Set train.batch_size to ${relief.value}, which takes less memory`;
  const smaller = listed(['train.batch_size', 'data.image_size', 'data.max_length'], 'or');
  return `Make ${smaller} smaller, choose smaller encoders, or end other programs`;
}
