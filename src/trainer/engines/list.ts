import type { EngineName } from '../../experiment/config.ts';
import { HumanError } from '../../protocol/human-error.ts';
import { createEngine, engineOrder } from './pick.ts';

export interface EngineListing {
  name: EngineName;
  works: boolean;
  /** What it would compute with; null when it does not work. */
  provider: string | null;
  device: string | null;
  threads: number | null;
  /** Exactly why it does not work and what to do; null when it does. */
  reason: string | null;
  /** Whether `train.engine: auto` would take it. */
  chosen: boolean;
}

/** Tries each engine here, in the order of `auto`. */
export async function listEngines(): Promise<EngineListing[]> {
  const list: EngineListing[] = [];
  for (const name of engineOrder) {
    const chosen = !list.some((other) => other.works);
    try {
      const engine = await createEngine(
        name,
        { engine: name, provider: 'auto', threads: null },
        'It is listed.',
      );
      const { provider, device, threads } = engine;
      list.push({ name, works: true, provider, device, threads, reason: null, chosen });
      engine.dispose();
    } catch (error) {
      const reason = error instanceof HumanError ? error.message : `Unexpected: ${(error as Error).message}`;
      list.push({ name, works: false, provider: null, device: null, threads: null, reason, chosen: false });
    }
  }
  return list;
}
