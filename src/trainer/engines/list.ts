import type { EngineName } from '../../experiment/config.ts';
import { HumanError } from '../../protocol/human-error.ts';
import type { Provider } from '../../onnx-backend/session.ts';
import { listProviders, type ProviderListing } from './list-providers.ts';
import { createEngine, engineOrder } from './pick.ts';
import { lastChoice, type RememberedChoice } from './remembered-choices.ts';
import { t } from '../../text/say.ts';

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
  /** Of onnx: its providers beside the processor's; absent where they were not tried. */
  providers?: ProviderListing[];
  /** Of onnx: what was measured last when `auto` chose among them; absent where nothing has been. */
  measured?: RememberedChoice;
}

/** Tries each engine here, in the order of `auto`; `tryProvider` those of onnx. */
export async function listEngines(
  tryProvider?: (provider: Provider) => Promise<ProviderListing>,
): Promise<EngineListing[]> {
  const list: EngineListing[] = [];
  for (const name of engineOrder) {
    const chosen = !list.some((other) => other.works);
    try {
      const engine = await createEngine(
        name,
        { engine: name, provider: name === 'onnx' ? 'cpu' : 'auto', threads: null },
        t('It is listed.'),
      );
      const { provider, device, threads } = engine;
      const measured = name === 'onnx' ? await lastChoice() : null;
      list.push({
        name,
        works: true,
        provider,
        device,
        threads,
        reason: null,
        chosen,
        ...(name === 'onnx' && tryProvider && { providers: await listProviders(tryProvider) }),
        ...(measured && { measured }),
      });
      engine.dispose();
    } catch (error) {
      const reason =
        error instanceof HumanError ? error.message : t('Unexpected: {0}', (error as Error).message);
      list.push({ name, works: false, provider: null, device: null, threads: null, reason, chosen: false });
    }
  }
  return list;
}
