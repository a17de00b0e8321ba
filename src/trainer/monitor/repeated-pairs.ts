import { percent } from '../../text/numbers.ts';
import { sameCaption, sameImage } from './batch-facts.ts';
import type { Question } from './history.ts';
import { mean } from './statistics.ts';
import { said } from '../../text/say.ts';

const steps = 50;
/** Below one in twenty the negatives that are left out are not missed. */
const mostRepeated = 0.05;

/** Whether many pairs of a batch have the same image or caption, so that they are no negatives of each other. */
export const repeatedPairs: Question = ({ steps: rows }) => {
  const images = rows.last(sameImage, steps);
  const captions = rows.last(sameCaption, steps);
  if (!images || !captions) return null;
  const [ofImages, ofCaptions] = [mean(images), mean(captions)];
  const isImage = ofImages > ofCaptions;
  const share = Math.max(ofImages, ofCaptions);
  if (!(share > mostRepeated)) return null;
  return {
    code: 'repeated_pairs',
    severity: 'warning',
    key: 'data.pairs',
    message: said(
      '{0} of a pair’s negatives in a batch have its own {1} and are left out of the loss (mean of {2} batches).',
      percent(share),
      isImage ? said('image') : said('caption'),
      steps,
    ),
    advice: isImage
      ? said('Add other images: so many captions of few images leave little to tell apart.')
      : said('Give captions that tell images apart, as the model can only learn differences that they name.'),
    evidence: { same_image: ofImages, same_caption: ofCaptions, steps },
  };
};
