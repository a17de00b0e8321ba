import type { RunConfig } from '../../experiment/config.ts';
import type { Shapes } from '../model/model.ts';

/** Tokens of the captions that are timed: the data are not read for it, and most captions are shorter than `max_length`. */
export const timedLength = (maxLength: number): number => Math.min(maxLength, 32);

/** All of a run that the time of a step depends on. */
export function timedSizes({ model, loss, data, train, optimizer }: RunConfig, shapes: Shapes): unknown {
  const { image_encoder: image, text_encoder: text, fusion } = model;
  return {
    shapes,
    image: [image.name, image.train],
    text: [text.name, text.train, text.dropout],
    fusion,
    loss: loss.kind,
    batch: [train.batch_size, train.micro_batch, data.image_size, timedLength(data.max_length)],
    threads: train.threads,
    optimizer: optimizer.kind,
  };
}

/** For people: `resnet50 at 224 pixels and bert-base-uncased, batch 64`. */
export function timedModel({ model, data, train }: RunConfig): string {
  const { weights, image_encoder: image, text_encoder: text, fusion } = model;
  const encoders = weights ?? `${image.name} at ${data.image_size} pixels and ${text.name}`;
  const part = train.micro_batch ? ` in parts of ${train.micro_batch}` : '';
  return `${encoders}, ${fusion.kind}, batch ${train.batch_size}${part}`;
}
