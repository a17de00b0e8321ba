import type { VNode } from 'preact';
import type { WrongPair } from '../../src/protocol/inference.ts';
import { counted } from '../../src/text/numbers.ts';
import { t } from '../../src/text/say.ts';
import { Button } from '../controls/controls.tsx';
import { asking, findWrong, wrong } from './explore-model.ts';
import { Picture } from './thumbnails.tsx';

/** Validation pairs that the model gets wrong, the worst first. */
export function Wrong(): VNode {
  const found = wrong.value;
  const isBusy = asking.value.includes('wrongPairs');
  return (
    <section aria-label={t('Wrong pairs')}>
      <h2>{t('Wrong pairs')}</h2>
      <p class="muted">
        {t(
          'Validation pairs whose caption finds its image last: what the model confuses, and pairs that are mislabelled.',
        )}
      </p>
      {!found && (
        <Button secondary disabled={isBusy} onClick={() => void findWrong()}>
          {isBusy ? t('Ranking the validation pairs…') : t('Show wrong pairs')}
        </Button>
      )}
      {found?.pairs.length === 0 && <p>{t('Every caption finds its image first.')}</p>}
      {found && found.pairs.length > 0 && (
        <ol class="wrong-pairs">
          {found.pairs.map((pair) => (
            <Pair
              key={`${pair.image} ${pair.caption}`}
              pair={pair}
              images={found.images}
              captions={found.captions}
            />
          ))}
        </ol>
      )}
    </section>
  );
}

function Pair({ pair, images, captions }: { pair: WrongPair; images: number; captions: number }): VNode {
  const { caption, image, thumbnail, rank, captionRank, found } = pair;
  return (
    <li>
      <figure>
        <Picture source={thumbnail} alt={image} />
        <figcaption class="path" title={image}>
          {image}
        </figcaption>
      </figure>
      <div>
        <p class="caption">{caption}</p>
        <p class="muted">
          {t('finds this image at place {0} of {1}', counted(rank), counted(images))}
          {' · '}
          {t('the image finds it at place {0} of {1}', counted(captionRank), counted(captions))}
        </p>
      </div>
      <figure>
        <Picture source={found.thumbnail} alt={found.image} />
        <figcaption class="path" title={found.image}>
          {t('found first: {0}', found.captions.join(' / '))}
        </figcaption>
      </figure>
    </li>
  );
}
