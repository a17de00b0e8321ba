import * as z from 'zod';
import { key } from './key.ts';
import { dataSection } from './data-section.ts';
import { launcherSection } from './launcher-section.ts';
import { lossSection, modelSection } from './model-section.ts';
import { notifySection } from './notify-section.ts';
import type { Sweep } from './sweep-section.ts';
import { checkpointSection, evalSection, optimizerSection, trainSection } from './training-sections.ts';

/**
 * The experiment file. Keys keep the file's spelling; what each means, its unit, default and usual values are in its metadata.
 * The parser (`parse.ts`) walks this schema beside the YAML tree, so that every problem has a place in the text.
 */
export const experimentSchema = z.strictObject({
  name: key(z.string().min(1).default('experiment'), {
    label: 'Name',
    description: 'Name of the experiment; its runs are listed under it.',
    sweepable: false,
  }),
  seed: key(z.int().min(0).max(4294967295).default(0), {
    label: 'Seed',
    description: 'Start of all randomness: weights, split, order, augmentation, dropout.',
    usual: [{ value: '0', source: 'open_clip' }],
    sweepable: false,
  }),
  data: key(dataSection, { label: 'Data', description: 'Images and captions, and how they are split.' }),
  model: key(modelSection.prefault({}), { label: 'Model', description: 'Two encoders and their fusion.' }),
  loss: key(lossSection.prefault({}), { label: 'Loss', description: 'What is made small.' }),
  optimizer: key(optimizerSection.prefault({}), {
    label: 'Optimizer',
    description: 'AdamW, with one learning rate per branch.',
  }),
  train: key(trainSection.prefault({}), { label: 'Training', description: 'Length, batches, engine.' }),
  eval: key(evalSection.prefault({}), {
    label: 'Evaluation',
    description: 'Retrieval scores on the validation pairs.',
  }),
  checkpoint: key(checkpointSection.prefault({}), {
    label: 'Checkpoints',
    description: 'What is kept of the model on the way.',
  }),
  launcher: key(launcherSection.prefault({}), {
    label: 'Launcher',
    description: 'Where runs run. It changes nothing of what is learnt.',
  }),
  notify: key(notifySection.prefault({}), {
    label: 'Notifications',
    description: 'Who is told when a run ends, fails, or learns nothing.',
  }),
  sweep: key(z.custom<Sweep>().nullable().default(null), {
    label: 'Sweep',
    description:
      'Lists of values by dotted key, and seeds: each combination is a run. With random, settings are drawn from lists and distributions.',
    sweepable: false,
  }),
});

/** An experiment with every default that depends on nothing else; durations are still as written. */
export type Experiment = z.output<typeof experimentSchema>;
