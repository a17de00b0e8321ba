import { setImmediate } from 'node:timers/promises';
import { HumanError } from '../protocol/human-error.ts';
import { rampRate, type RampPoint, type RampRequest } from '../protocol/rate-ramp.ts';
import { asEncodersRead } from './frozen/as-encoders-read.ts';
import { pickEngine } from './engines/pick.ts';
import { buildModel } from './model/model.ts';
import { createOptimizer, type LearningRates } from './optimizer/optimizer.ts';
import { createStepper } from './step/create-stepper.ts';
import { openTrainingData } from './training-data.ts';
import { prepareEncoders } from './weights/prepare.ts';
import { openHub } from '../weights/hub.ts';
import { said } from '../text/say.ts';

/**
 * Trains a fresh model for the steps of a ramp, at the batches that its run would see, and says the loss of each. Nothing is written:
 * no run, no checkpoint. Ends early where a loss or a gradient is not finite.
 */
export async function rampRates(
  { config: asked, ramp }: RampRequest,
  say: (point: RampPoint) => void,
): Promise<void> {
  // Standard output holds the points alone.
  const hub = openHub({ say: (line) => console.error(line) });
  const encoders = await prepareEncoders(asked.model, asked.data.image_size, hub);
  if (encoders.exported.image || encoders.exported.text)
    throw new HumanError(
      said('A learning rate is looked for only where both encoders are of the kinds that are built here.'),
      said('For an exported encoder, which is frozen, compare a few rates of the fusion in a sweep.'),
      'exported_encoder',
    );
  const config = asEncodersRead(asked, encoders);
  const engine = await pickEngine(config.train);
  const model = buildModel(config.model, config.loss, encoders.shapes, {}, encoders.preprocessing);
  const arrays = await encoders.initialArrays(model, config.seed);
  const optimizer = createOptimizer(model, config.optimizer, arrays);
  const learning = new Set(optimizer.groups.map(({ branch }) => branch));
  if (!ramp.branches.some((branch) => learning.has(branch)))
    throw new HumanError(
      said('The {0} branch is frozen: no rate changes anything.', ramp.branches.join(', ')),
      said('Look for the rate of another branch.'),
      'branch_frozen',
    );
  const data = await openTrainingData(config, { ...encoders, frozen: null });
  const stepper = createStepper({ config, engine, model, arrays, optimizer });
  const others: LearningRates =
    ramp.others === 'own' ? config.optimizer.learning_rate : { image: 0, text: 0, fusion: 0, scale: 0 };
  try {
    const { batchesPerEpoch } = data.train;
    for (let step = 0; step < ramp.steps; step++) {
      const batch = await data.train.batch(Math.floor(step / batchesPerEpoch), step % batchesPerEpoch);
      const rate = rampRate(ramp, step);
      const rates = { ...others };
      for (const branch of ramp.branches) rates[branch] = rate;
      const { loss, skippedBranch } = await stepper.step(batch, step, rates);
      data.train.release(batch);
      say({ rate, loss });
      if (!Number.isFinite(loss) || skippedBranch !== null) return;
      await setImmediate(); // images being decoded get their turn
    }
  } finally {
    stepper.dispose();
    await data.close();
    engine.dispose();
  }
}
