import type { RunConfig } from '../../experiment/config.ts';
import { loadBinding } from '../../onnx-backend/binding.ts';
import type { Provider } from '../../onnx-backend/session.ts';
import { updateRunFile } from '../../store/run-folder.ts';
import { chooseProvider, type ProviderChoice } from '../engines/choose-provider.ts';
import { choiceKey } from '../engines/remembered-choices.ts';
import type { ProviderTiming } from '../engines/provider-timing.ts';
import type { PickEngine } from '../training.ts';
import { timedModel, timedSizes } from './timed-sizes.ts';

/** Ours: what one version computes in some way another may compute in a faster one. */
const version = typeof __TANDEM_VERSION__ === 'string' ? __TANDEM_VERSION__ : 'source';

/**
 * The fastest provider for the run's model, said in its log and events while it is measured. null where encoders that others exported
 * compute the most of it: their sizes are not known beforehand.
 */
export async function measureForRun(
  dir: string,
  config: RunConfig,
  candidates: readonly Provider[],
  { preparing, encoders }: Parameters<PickEngine>[0],
  time: (provider: Provider) => Promise<ProviderTiming>,
): Promise<ProviderChoice | null> {
  const { shapes, exported } = await encoders();
  if (exported.image || exported.text) return null;
  const about = timedModel(config);
  return chooseProvider(candidates, {
    key: choiceKey([version, loadBinding().version, candidates, timedSizes(config, shapes)]),
    about,
    time,
    async announce(provider, done, total) {
      if (done === 0)
        console.log(
          `The sizes of this model (${about}) are new on this machine: a few steps are timed on each of ${[...candidates, 'cpu'].join(', ')}.`,
        );
      preparing({ what: 'provider_timing', name: provider, done, total, left_ms: null });
      await updateRunFile(dir, { heartbeat: Date.now() });
    },
  });
}
