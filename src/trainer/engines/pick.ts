import type { EngineName, TrainConfig } from '../../experiment/config.ts';
import { HumanError } from '../../protocol/human-error.ts';
import { createCpuEngine } from './cpu.ts';
import type { Engine } from './engine.ts';
import { createOnnxEngine, type ChooseProvider } from './onnx.ts';
import { createTensorFlowEngine } from './tensorflow.ts';
import { said, t } from '../../text/say.ts';

type Wishes = Pick<TrainConfig, 'engine' | 'provider' | 'threads'>;

/** Engines in the order in which `auto` takes them. */
export const engineOrder: readonly EngineName[] = ['tensorflow_gpu', 'onnx', 'tensorflow', 'cpu'];

type Create = (wishes: Wishes, why: string, choose?: ChooseProvider) => Promise<Engine>;

const creators: Record<EngineName, Create> = {
  tensorflow_gpu: (_wishes, why) => createTensorFlowEngine('tensorflow_gpu', why),
  onnx: createOnnxEngine,
  tensorflow: (_wishes, why) => createTensorFlowEngine('tensorflow', why),
  cpu: (_wishes, why) => createCpuEngine(why),
};

/**
 * The engine of a run: the one asked for, or with `auto` the first of `engineOrder` that works here. Its `why` says which were passed
 * over and for what reason. `choose` measures where onnx has several providers. HumanError when the one asked for does not work.
 */
export async function pickEngine(wishes: Wishes, choose?: ChooseProvider): Promise<Engine> {
  if (wishes.engine !== 'auto') return createEngine(wishes.engine, wishes, t('It was asked for.'), choose);
  // Only the onnx engine has providers: who asks for a device gets it, or hears why not.
  if (wishes.provider === 'webgpu' || wishes.provider === 'cuda')
    return createEngine('onnx', wishes, t('It has the provider {0}, which was asked for.', wishes.provider));
  const passed: string[] = [];
  for (const name of engineOrder) {
    try {
      const why = [t('It is the first that works here.'), ...passed].join(' ');
      return await createEngine(name, wishes, why, choose);
    } catch (error) {
      if (!(error instanceof HumanError)) throw error;
      passed.push(t('Not {0}: {1}', name, error.what));
    }
  }
  throw new HumanError(said('No engine works here.'), passed.join(' '), 'no_engine');
}

/** An engine by its name; a HumanError for an unknown one and for one that does not work here. */
export async function createEngine(
  name: EngineName,
  wishes: Wishes,
  why: string,
  choose?: ChooseProvider,
): Promise<Engine> {
  const create = creators[name];
  if (!create)
    throw new HumanError(
      said('There is no engine "{0}".', String(name)),
      said('Choose one of auto, {0}.', engineOrder.join(', ')),
      'unknown_engine',
    );
  return create(wishes, why, choose);
}
