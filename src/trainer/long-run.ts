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
): string | null {
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
  const advice = ways.length ? `Much faster: ${ways.join(', ')}.` : 'Fewer epochs make it shorter.';
  return (
    `A step takes ${shortNumber(stepMs / 1000)} s on this processor: about ${duration(leftMs)} for the ${counted(stepsLeft)} steps to come. ` +
    `${advice} It can be stopped and resumed at any time, also on another machine with a graphics card.`
  );
}
