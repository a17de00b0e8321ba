import { percent, rounded } from '../../text/numbers.ts';
import { plural } from '../../text/words.ts';
import type { Finding, View } from './finding.ts';
import { t } from '../../text/say.ts';

/** Whether captions tell images apart, and reach the text encoder. */
export function checkCaptions(view: View): Finding[] {
  return [...checkEqual(view), ...checkMissing(view), ...checkUnknown(view), ...checkCut(view)];
}

/** Share of a pair's negatives with its own caption from which on a word is due. */
const mostEqual = 0.05;

function checkEqual({ experiment, facts }: View): Finding[] {
  const { equal_caption_share: share = 0, captions = 0, usable = 0 } = facts.data ?? {};
  // A single caption is an error of its own.
  if (share < mostEqual || captions === 1) return [];
  const negatives = experiment.train.batch_size - 1;
  return [
    {
      severity: 'warning',
      code: 'few_captions',
      message: t(
        'There are only {0} in {1}: of the {2} negatives of a pair about {3} ({4}) have its own caption, and are pushed apart though they match. Captions that tell images apart are needed.',
        plural(captions, '{0} different caption', '{0} different captions'),
        plural(usable, '{0} pair', '{0} pairs'),
        negatives,
        rounded(share * negatives, 2),
        percent(share),
      ),
      paths: ['data.caption_column', 'data.pairs'],
      fixes: [],
    },
  ];
}

function checkMissing({ facts }: View): Finding[] {
  const { missing_value_captions: count = 0 } = facts.data ?? {};
  if (!count) return [];
  return [
    {
      severity: 'warning',
      code: 'missing_value_captions',
      message: t(
        '{0} nan, null or None, as a data frame writes a missing value, and would be learnt as a word. Leave those rows out of the file.',
        plural(count, '{0} caption is', '{0} captions are'),
      ),
      paths: ['data.pairs'],
      fixes: [],
    },
  ];
}

function checkUnknown({ facts }: View): Finding[] {
  const { unknown_captions: count = 0, usable = 0 } = facts.data ?? {};
  if (!count) return [];
  const isAll = count >= usable;
  return [
    {
      severity: isAll ? 'error' : 'warning',
      code: 'unknown_captions',
      message: t(
        '{0} hold no word that the vocabulary knows ([UNK] only), so they are all the same to the text encoder. Load weights whose vocabulary has the language of the captions; hf:google-bert/bert-base-multilingual-cased has 104 languages.',
        isAll
          ? t('All {0}', plural(count, '{0} caption', '{0} captions'))
          : t('{0} of {1}', plural(count, '{0} caption', '{0} captions'), usable),
      ),
      paths: ['model.text_encoder.weights', 'model.text_encoder.name', 'data.pairs'],
      fixes: [],
    },
  ];
}

function checkCut({ experiment, facts }: View): Finding[] {
  const { cut_captions: count = 0, usable = 0 } = facts.data ?? {};
  const { max_length } = experiment.data;
  if (!count || count < usable / 2) return [];
  const isAll = count >= usable;
  return [
    {
      severity: 'warning',
      code: 'captions_cut',
      message: t(
        '{0} longer than data.max_length ({1} tokens), and what stands behind is not read.{2}',
        isAll
          ? t('All captions are')
          : t('{0} of {1}', plural(count, '{0} caption is', '{0} captions are'), usable),
        max_length,
        max_length < 512 ? '' : t(' BERT has no positions beyond 512: shorten the captions.'),
      ),
      paths: ['data.max_length', 'data.pairs'],
      value: max_length,
      fixes: [77, 128, 512]
        .filter((one) => one > max_length)
        .map((one) => ({ set: 'data.max_length', to: String(one) })),
    },
  ];
}
