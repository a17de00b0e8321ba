import { trainLoss } from '../../protocol/metrics.ts';
import { numberText, shortNumber } from '../../text/numbers.ts';
import { batchChance } from './batch-facts.ts';
import type { Answer, History, Question } from './history.ts';
import { said } from '../../text/say.ts';

/** A model that knows nothing starts within these times of chance. */
const usual = { least: 0.5, most: 2 };
/** Below this a difference of 0.1 between two similarities is a factor of 28 or more. */
const smallTemperature = 0.03;

/** Whether the first loss is far from that of guessing, which wrong weights and temperatures show at once. */
export const firstLoss: Question = (history) => {
  const { config, step, steps: rows } = history;
  if (step !== 1 || config.loss.kind !== 'info_nce') return null;
  const loss = rows.last(trainLoss, 1)?.[0];
  const chance = rows.last(batchChance, 1)?.[0];
  // What is not finite is told as such.
  if (loss === undefined || chance === undefined || !Number.isFinite(loss)) return null;
  const isHigh = loss > usual.most * chance;
  if (!isHigh && !(loss < usual.least * chance)) return null;
  const { image_encoder, text_encoder } = config.model;
  // Encoders that were trained together know much from the start.
  if (!isHigh && (config.model.weights || (image_encoder.weights && text_encoder.weights))) return null;
  return {
    code: 'first_loss',
    severity: 'warning',
    message: said(
      'The first loss is {0}, and guessing gives {1} in this batch: a model that knows nothing starts within {2} to {3} times of it.',
      shortNumber(loss),
      shortNumber(chance),
      usual.least,
      usual.most,
    ),
    evidence: { loss, chance, temperature: config.loss.temperature },
    ...(isHigh ? causeOfHigh(history) : causeOfLow),
  };
};

const causeOfLow: Pick<Answer, 'key' | 'advice'> = {
  key: 'data.pairs',
  advice: said(
    'Look at some pairs: images that differ in a simple way, as by a frame or a colour for each caption, give the answer away.',
  ),
};

function causeOfHigh({ config }: History): Pick<Answer, 'key' | 'advice' | 'change'> {
  const { temperature } = config.loss;
  if (temperature < smallTemperature)
    return {
      key: 'loss.temperature',
      advice: said(
        'Raise loss.temperature: at {0} small differences of similarities are large ones of the loss, and 0.07 is CLIP’s start.',
        numberText(temperature),
      ),
      change: { path: 'loss.temperature', value: 0.07 },
    };
  const loaded = (['image', 'text'] as const).find(
    (branch) => config.model[`${branch}_encoder`].weights !== null,
  );
  return loaded
    ? {
        key: `model.${loaded}_encoder.weights`,
        advice: said('Look whether the weights are those of this encoder, and were stored without damage.'),
      }
    : {
        key: null,
        advice: said(
          'Look at some images and captions in the preview: inputs of an unusual size or range start like this.',
        ),
      };
}
