import { dirname, resolve } from 'node:path';
import { previewPairs, type PreviewRange } from '../data/preview.ts';
import { parseExperiment } from '../experiment/parse/parse.ts';
import { resolvePaths } from '../experiment/resolve.ts';
import { HumanError } from '../protocol/human-error.ts';
import type { PreviewMessage } from '../protocol/panel.ts';
import { said } from '../text/say.ts';

/** Pairs of an experiment's data as the model sees them in an epoch. Throws HumanError when the text has errors. */
export function previewOf(file: string, text: string, range: PreviewRange): Promise<PreviewMessage> {
  const { experiment } = parseExperiment(text);
  if (!experiment)
    throw new HumanError(
      said('The experiment has errors.'),
      said('They are marked in its file.'),
      'problems',
    );
  const paths = resolvePaths(experiment, { baseDir: dirname(resolve(file)) });
  return previewPairs({ ...paths, seed: experiment.seed }, range);
}
