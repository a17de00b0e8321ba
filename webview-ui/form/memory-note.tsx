import type { VNode } from 'preact';
import type { ExperimentMemoryView } from '../../src/protocol/panel.ts';
import { memoryBytes } from '../../src/protocol/run-memory.ts';
import { byteSize, rounded } from '../../src/text/numbers.ts';
import { t } from '../../src/text/say.ts';

/** What a training with this batch takes, beside what there is. */
export function MemoryNote({ memory }: { memory: ExperimentMemoryView }): VNode {
  const { weights, training, activations, isOnDevice, machine, free } = memory;
  const needed = memoryBytes(memory, isOnDevice);
  const size = (bytes: number): string => byteSize(rounded(bytes, 2));
  const parts = t(
    'Weights {0}, gradients and moments {1}, activations {2}; an estimate, within about a quarter on the processor.',
    size(weights),
    size(training),
    size(activations),
  );
  return (
    <span class="muted" title={parts}>
      {isOnDevice
        ? t('about {0} of the device’s memory', size(needed))
        : t('about {0} of memory; this machine has {1}, {2} free', size(needed), size(machine), size(free))}
    </span>
  );
}
