import type { PreparingEvent } from '../protocol/events.ts';
import { timeLeft } from '../text/durations.ts';
import { byteSize, counted } from '../text/numbers.ts';
import { t } from '../text/say.ts';

/** `features of images 120 / 512, 3 min left` */
export function preparingText(event: PreparingEvent): string {
  const { done, total, left_ms: leftMs } = event;
  const left = leftMs === null || done === total ? [] : [timeLeft(leftMs)];
  return [howFar(event), ...left].join(t(', '));
}

function howFar({ what, name = '', done, total }: PreparingEvent): string {
  switch (what) {
    case 'image_features':
      return t('features of images {0} / {1}', counted(done), counted(total));
    case 'text_features':
      return t('features of captions {0} / {1}', counted(done), counted(total));
    case 'provider_timing':
      return t('timing {0}, {1} of {2}', name, done + 1, total);
    case 'download':
      return t('fetching {0}: {1} of {2}', name, byteSize(done), byteSize(total));
  }
}
