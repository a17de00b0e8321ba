import type { RunConfig } from '../experiment/config.ts';
import type { Tokenizer } from '../data/captions/tokenizer.ts';
import type { Preprocessing } from '../data/images/preprocessing.ts';
import { HumanError } from '../protocol/human-error.ts';
import { bestCheckpoint, latestCheckpoint } from '../store/checkpoints.ts';
import { readConfig } from '../store/run-folder.ts';
import { restoredArrays } from '../trainer/checkpoint.ts';
import type { Engine } from '../trainer/engines/engine.ts';
import { pickEngine } from '../trainer/engines/pick.ts';
import { createEmbedder, type Embedder } from '../trainer/evaluation/embed.ts';
import { buildModel, type Model } from '../trainer/model/model.ts';
import type { Arrays } from '../trainer/model/parameter.ts';
import { prepareEncoders } from '../trainer/weights/prepare.ts';
import { oneAtATime } from './one-at-a-time.ts';

/** Images and captions that are computed at once where there are many. */
export const batchSize = 32;

/** The model of a run as a checkpoint holds it, ready to compute. Its embedders may be called side by side. */
export interface FinishedModel {
  dir: string;
  config: RunConfig;
  step: number;
  /** Whether the checkpoint is the best by the deciding metric, or only the newest. */
  isBest: boolean;
  engine: Engine;
  model: Model;
  arrays: Arrays;
  tokenizer: Tokenizer;
  preprocessing: Preprocessing;
  /** For many. */
  embedder: Embedder;
  /** For one: a query. */
  single: Embedder;
  dispose(): void;
}

/** Opens a run's best checkpoint, or its newest where none was marked as the best. The engine is what works here, wherever it was trained. */
export async function openFinishedModel(dir: string): Promise<FinishedModel> {
  const config = await readConfig(dir);
  const best = await bestCheckpoint(dir);
  const checkpoint = best ?? (await latestCheckpoint(dir));
  if (!checkpoint)
    throw new HumanError(
      `The run ${dir} has no checkpoint yet.`,
      'Wait for its first one, or set checkpoint.every to fewer steps.',
      'no_checkpoint',
    );
  const encoders = await prepareEncoders(config.model);
  const model = buildModel(config.model, config.loss, encoders.shapes);
  const arrays = restoredArrays(checkpoint, model);
  const engine = await pickEngine({ engine: 'auto', provider: 'auto', threads: null });
  const turn = oneAtATime();
  const embedder = createEmbedder(engine, model, arrays, batchSize);
  const single = createEmbedder(engine, model, arrays, 1);
  return {
    dir,
    config,
    step: checkpoint.step,
    isBest: best !== null,
    engine,
    model,
    arrays,
    tokenizer: encoders.tokenizer,
    preprocessing: encoders.preprocessing,
    embedder: inTurn(embedder, turn),
    single: inTurn(single, turn),
    dispose() {
      embedder.dispose();
      single.dispose();
      engine.dispose();
    },
  };
}

/** The engine computes one thing at a time; between two batches of one call another call has its turn. */
function inTurn(embedder: Embedder, turn: ReturnType<typeof oneAtATime>): Embedder {
  return {
    images: (...args) => turn(() => embedder.images(...args)),
    texts: (...args) => turn(() => embedder.texts(...args)),
    scores: (...args) => turn(() => embedder.scores(...args)),
    loss: (...args) => turn(() => embedder.loss(...args)),
    similarities(...args) {
      const similarities = embedder.similarities(...args);
      return {
        ...similarities,
        block: (...at) => turn(async () => (await similarities.block(...at)).slice()),
      };
    },
    dispose: () => embedder.dispose(),
  };
}
