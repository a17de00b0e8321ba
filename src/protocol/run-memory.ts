import type { TrainingMemory } from '../experiment/checks/memory.ts';
import type { Relief } from '../experiment/checks/relief.ts';
import { byteSize, rounded } from '../text/numbers.ts';
import type { RunFinding } from './events.ts';
import { englishOf, said, t, type Said } from '../text/say.ts';

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
    t('weights {0}', size(weights)),
    ...(training > 0 ? [t('gradients and moments {0}', size(training))] : []),
    t('activations {0}', size(activations)),
    ...(isOnDevice ? [] : [t('the program {0}', size(program))]),
  ];
  return t('about {0}: {1}', size(memoryBytes(memory, isOnDevice)), parts.join(t(', ')));
}

/** What is said of a run that memory was not enough for, with the setting that would fit. `message`: how that is known. */
export function outOfMemory(
  step: number,
  memory: RunMemory | null,
  message = said('The trainer ran out of memory.'),
): RunFinding & Required<Pick<RunFinding, 'said'>> {
  const relief = memory?.relief ?? null;
  const advice = said('{0}, and restart the run.', reliefText(relief));
  return {
    step,
    severity: 'error',
    code: 'out_of_memory',
    key: 'train.batch_size',
    message: englishOf(message),
    advice: englishOf(advice),
    said: { message, advice },
    evidence: memory ? { expected_bytes: Math.round(memoryBytes(memory, false)) } : {},
    ...(relief && { change: { path: relief.path, value: relief.value } }),
  };
}

function reliefText(relief: Relief | null): Said {
  if (relief?.path === 'train.micro_batch')
    return said(
      'Set train.micro_batch to {0}: of train.batch_size so many pairs at a time take less memory',
      relief.value,
    );
  if (relief) return said('Set train.batch_size to {0}, which takes less memory', relief.value);
  return said(
    'Make train.batch_size, data.image_size or data.max_length smaller, choose smaller encoders, or end other programs',
  );
}
