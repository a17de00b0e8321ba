import type { RunConfig } from '../experiment/config.ts';
import type { Tokenizer } from '../data/captions/tokenizer.ts';
import type { Preprocessing } from '../data/images/preprocessing.ts';
import { isTraining } from '../protocol/run-status.ts';
import { HumanError } from '../protocol/human-error.ts';
import { bestCheckpoint, latestCheckpoint } from '../store/checkpoints.ts';
import { readConfig, readRunFile, statusOf } from '../store/run-folder.ts';
import { restoredArrays } from '../trainer/checkpoint.ts';
import type { Engine } from '../trainer/engines/engine.ts';
import { pickEngine } from '../trainer/engines/pick.ts';
import { createAttention, type Attention } from '../trainer/evaluation/attention.ts';
import { createEmbedder, type Embedder } from '../trainer/evaluation/embed.ts';
import { asEncodersRead } from '../trainer/frozen/as-encoders-read.ts';
import { computedFeatures } from '../trainer/frozen/computed-features.ts';
import { buildModel, imagePrefix, textPrefix, type Model, type Shapes } from '../trainer/model/model.ts';
import type { Arrays } from '../trainer/model/parameter.ts';
import { prepareEncoders, type Encoders } from '../trainer/weights/prepare.ts';
import { openHub } from '../weights/hub.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { rowProducts, type RowProducts } from './row-products.ts';
import { said } from '../text/say.ts';

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
  /** Of encoders whose size is not that of a named one. */
  shapes: Shapes;
  /** Of encoders that are run as others exported them; null: one of ours. */
  exported: Encoders['exported'];
  tokenizer: Tokenizer;
  preprocessing: Preprocessing;
  /** For many. */
  embedder: Embedder;
  /** For one: a query. */
  single: Embedder;
  products: RowProducts;
  /** Where tokens look in an image; null for fusions without attention. */
  attention: Attention['of'] | null;
  dispose(): void;
}

/** Opens a run's best checkpoint, or its newest where none was marked as the best. */
export async function openFinishedModel(dir: string): Promise<FinishedModel> {
  const asked = await readConfig(dir);
  const best = await bestCheckpoint(dir);
  const checkpoint = best ?? (await latestCheckpoint(dir));
  if (!checkpoint)
    throw new HumanError(
      said('The run {0} has no checkpoint yet.', dir),
      isTraining(statusOf(await readRunFile(dir)))
        ? said('Wait for its first one, or set checkpoint.every to fewer steps.')
        : said('Resume the run: it ended before its first one.'),
      'no_checkpoint',
    );
  const hub = openHub({ say: (line) => console.log(line) });
  const encoders = await prepareEncoders(asked.model, asked.data.image_size, hub);
  const config = asEncodersRead(asked, encoders);
  const engine = await engineOf(dir);
  const frozen = await computedFeatures(config, encoders, engine);
  const { shapes, preprocessing } = encoders;
  const model = buildModel(config.model, config.loss, shapes, frozen.given, preprocessing);
  const frozenArrays = await frozenParts(config, encoders, model);
  const learnt = model.parameters.filter(({ name }) => !(name in frozenArrays));
  const arrays = { ...frozenArrays, ...restoredArrays(checkpoint, { parameters: learnt }) };
  const turn = oneAtATime();
  const embedder = frozen.embedder(createEmbedder(engine, model, arrays, batchSize, frozen.captions));
  const single = frozen.embedder(createEmbedder(engine, model, arrays, 1, frozen.captions));
  const products = rowProducts(engine);
  const attention = createAttention(engine, model, arrays);
  return {
    dir,
    config,
    step: checkpoint.step,
    isBest: best !== null,
    engine,
    model,
    arrays,
    shapes,
    exported: encoders.exported,
    tokenizer: encoders.tokenizer,
    preprocessing,
    embedder: inTurn(embedder, turn),
    single: inTurn(single, turn),
    products: (...args) => turn(() => products.of(...args)),
    attention: attention && ((...args) => turn(() => attention.of(...args))),
    dispose() {
      embedder.dispose();
      single.dispose();
      products.dispose();
      attention?.dispose();
      void frozen.dispose();
      engine.dispose();
    },
  };
}

/** The device that trained the run where it works here, too; else what does, wherever it was trained. */
async function engineOf(dir: string): Promise<Engine> {
  const provider = (await readRunFile(dir)).engine?.provider;
  if (provider === 'webgpu' || provider === 'cuda')
    try {
      return await pickEngine({ engine: 'onnx', provider, threads: null });
    } catch (error) {
      if (!(error instanceof HumanError)) throw error;
    }
  return pickEngine({ engine: 'auto', provider: 'auto', threads: null });
}

/** Arrays of encoders of ours that did not learn: they are in no checkpoint, but where they came from. */
async function frozenParts(
  { model: asked, seed }: RunConfig,
  encoders: Encoders,
  model: Model,
): Promise<Arrays> {
  const arrays: Arrays = {};
  for (const [side, prefix] of [
    ['image', imagePrefix],
    ['text', textPrefix],
  ] as const) {
    const specs = model.parameters.filter(({ name }) => name.startsWith(prefix));
    if (asked[`${side}_encoder`].train === 'frozen' && specs.length > 0)
      Object.assign(arrays, await encoders.load(side, specs, seed));
  }
  return arrays;
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
