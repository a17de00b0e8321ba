import { said, type Said } from '../text/say.ts';
import type { RunConfig } from '../experiment/config.ts';
import type { Engine } from './engines/engine.ts';
import { duration } from '../text/durations.ts';
import { counted, shortNumber } from '../text/numbers.ts';

/** Longer than a night: a person should know at the beginning. */
const longMs = 10 * 3600e3;

/**
 * What to say of a run that will take longer than a night on a processor, from the time of one of its steps: how long, and what
 * would make it shorter. null when there is nothing to say.
 */
export function longRun(
  stepMs: number,
  stepsLeft: number,
  engine: Pick<Engine, 'name' | 'provider'>,
  { model, data }: Pick<RunConfig, 'model' | 'data'>,
): Said | null {
  const leftMs = stepMs * stepsLeft;
  const isOnProcessor = engine.name !== 'tensorflow_gpu' && (engine.provider ?? 'cpu') === 'cpu';
  if (!isOnProcessor || leftMs < longMs) return null;
  const { image_encoder: image, text_encoder: text } = model;
  const ways: string[] = [];
  if (image.train === 'full' && image.name !== 'resnet_small')
    ways.push('model.image_encoder.name: resnet_small');
  if (text.train === 'full' && text.name === 'bert-base-uncased')
    ways.push('model.text_encoder.name: bert-mini');
  if (data.image_size > 96) ways.push('data.image_size: 64');
  return said(
    'A step takes {0} s on this processor: about {1} for the {2} steps to come. {3} It can be stopped and resumed at any time, also on another machine with a graphics card.',
    shortNumber(stepMs / 1000),
    duration(leftMs),
    counted(stepsLeft),
    ways.length ? said('Much faster: {0}.', ways.join(', ')) : said('Fewer epochs make it shorter.'),
  );
}
