import { percent, rounded } from '../../text/numbers.ts';
import { plural } from '../../text/words.ts';
import type { Finding, View } from './finding.ts';

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
      message: `There are only ${plural(captions, '{0} different caption', '{0} different captions')} in ${plural(usable, '{0} pair', '{0} pairs')}: of the ${negatives} negatives of a pair about ${rounded(share * negatives, 2)} (${percent(share)}) have its own caption, and are pushed apart though they match. Captions that tell images apart are needed.`,
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
      message: `${plural(count, '{0} caption is', '{0} captions are')} nan, null or None, as a data frame writes a missing value, and would be learnt as a word. Leave those rows out of the file.`,
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
      message: `${isAll ? `All ${plural(count, '{0} caption', '{0} captions')}` : `${plural(count, '{0} caption', '{0} captions')} of ${usable}`} hold no word that the vocabulary knows ([UNK] only), so they are all the same to the text encoder. Load weights whose vocabulary has the language of the captions; hf:google-bert/bert-base-multilingual-cased has 104 languages.`,
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
      message: `${isAll ? 'All captions are' : `${plural(count, '{0} caption is', '{0} captions are')} of ${usable}`} longer than data.max_length (${max_length} tokens), and what stands behind is not read.${max_length < 512 ? '' : ' BERT has no positions beyond 512: shorten the captions.'}`,
      paths: ['data.max_length', 'data.pairs'],
      value: max_length,
      fixes: [77, 128, 512]
        .filter((one) => one > max_length)
        .map((one) => ({ set: 'data.max_length', to: String(one) })),
    },
  ];
}
