import type { Experiment } from './schema/schema.ts';

type Branch = 'image' | 'text';

/** `model.weights` brings both encoders and how they meet; nothing else says anything about them. */
export function asLoaded(experiment: Experiment): Experiment {
  const { model } = experiment;
  if (model.weights === null) return experiment;
  const own = { name: 'clip', weights: null } as const;
  return {
    ...experiment,
    model: {
      ...model,
      image_encoder: { ...model.image_encoder, ...own },
      text_encoder: { ...model.text_encoder, ...own },
      fusion: { ...model.fusion, kind: 'late' },
    },
  };
}

/** Whether an encoder starts from loaded weights, its own or those of the whole model. */
export const isLoaded = ({ model }: Pick<Experiment, 'model'>, branch: Branch): boolean =>
  (model.weights ?? model[`${branch}_encoder`].weights) !== null;

/** Whether an encoder that trains here is a tower of CLIP. */
export const isClip = ({ model }: Pick<Experiment, 'model'>, branch: Branch): boolean =>
  model[`${branch}_encoder`].name.startsWith('clip');

type Rate = Experiment['optimizer']['learning_rate']['image'];

/** The rate that is written for an encoder itself. */
export const bodyRate = (written: Rate): number | undefined =>
  typeof written === 'object' ? written.body : written;

/** The rate that is written for an encoder's projection; null: it has the fusion's. */
export const headRate = (written: Rate): number | null =>
  typeof written === 'object' ? (written.head ?? null) : null;

/** Whether any layer of an encoder learns. */
export const learns = ({ model }: Pick<Experiment, 'model'>, branch: Branch): boolean =>
  model[`${branch}_encoder`].train !== 'frozen';

/** The loss's settings, those filled in that depend on others. */
export function lossOf({ loss, model }: Pick<Experiment, 'loss' | 'model'>) {
  const isWhole = model.weights !== null;
  return {
    ...loss,
    temperature: loss.temperature ?? (isWhole ? 0.01 : 0.1),
    loaded: isWhole && loss.temperature === undefined,
    learn_temperature: loss.learn_temperature ?? (loss.kind === 'sigmoid' || isWhole),
  };
}
