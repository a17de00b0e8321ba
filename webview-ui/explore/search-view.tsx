import type { VNode } from 'preact';
import { bestByChance, standsOut } from '../../src/analysis/stands-out.ts';
import type { ImageHit, ImagesFound } from '../../src/protocol/inference.ts';
import { counted, shortNumber } from '../../src/text/numbers.ts';
import { plural, unreadText } from '../../src/text/words.ts';
import { t } from '../../src/text/say.ts';
import { Button } from '../controls/controls.tsx';
import {
  asking,
  captions,
  facts,
  image,
  images,
  lookAt,
  pick,
  search,
  searchByImage,
  typeWords,
  words,
} from './explore-model.ts';
import { ModelProgressBar } from './model-progress.tsx';
import { Thumbnail, useThumbnails } from './thumbnails.tsx';

/** Words or an image in, the nearest images and captions out. */
export function Search(): VNode {
  return (
    <section aria-label={t('Search')}>
      <form
        class="explore-search"
        onSubmit={(event) => {
          event.preventDefault();
          void search();
        }}
      >
        <input
          type="search"
          value={words.value}
          placeholder={t('What the image shows…')}
          aria-label={t('Words to search by')}
          onInput={(event) => typeWords(event.currentTarget.value)}
        />
        <Button onClick={() => void search()}>{t('Search')}</Button>
        <Button secondary onClick={() => void pick('image')}>
          {t('By an image…')}
        </Button>
      </form>
      {image.value !== null && <ByImage path={image.value} />}
      {captions.value && <Captions />}
      {images.value ? <Images found={images.value} /> : <Nothing />}
    </section>
  );
}

function ByImage({ path }: { path: string }): VNode {
  useThumbnails([path]);
  return (
    <div class="explore-by-image">
      <Thumbnail path={path} alt={t('The image that is searched by')} />
      <span class="path" title={path}>
        {path}
      </span>
      <ModelProgressBar call="image" doing={t('Computing the captions of the data')} />
    </div>
  );
}

function Nothing(): VNode {
  const isBusy = asking.value.some((call) => call === 'words' || call === 'image' || call === 'index');
  return (
    <p class="muted" role="status">
      {isBusy
        ? t('Searching…')
        : t(
            'Write what an image shows and press Enter. The images of the folder are computed once; after that each search is immediate.',
          )}
    </p>
  );
}

function Images({ found }: { found: ImagesFound }): VNode {
  const pathOf = ({ name }: ImageHit): string => `${found.folder}/${name}`;
  useThumbnails(found.hits.map(pathOf));
  if (found.images === 0) return <p class="muted">{t('The folder has no images.')}</p>;
  return (
    <>
      <p class="muted">
        {found.rescored > 0
          ? plural(
              found.images,
              'Nearest of {0} image, whose pooled similarity is {1} ± {2} on average.',
              'Nearest of {0} images, whose pooled similarity is {1} ± {2} on average.',
              shortNumber(found.mean),
              shortNumber(found.deviation),
            )
          : plural(
              found.images,
              'Nearest of {0} image, which are {1} ± {2} near on average.',
              'Nearest of {0} images, which are {1} ± {2} near on average.',
              shortNumber(found.mean),
              shortNumber(found.deviation),
            )}
        {t(' ')}
        {!standsOut(found) &&
          (found.rescored > 0
            ? t(
                'None stands out: by chance alone the best would have a pooled similarity of about {0}.',
                shortNumber(bestByChance(found)),
              )
            : t(
                'None stands out: by chance alone the best would have about {0}.',
                shortNumber(bestByChance(found)),
              ))}{' '}
        {found.unread > 0 && `${unreadText(found.unread)} `}
        {found.rescored > 0 &&
          found.rescored < found.images &&
          t('Ordered by the fusion’s own scores among the {0} nearest.', counted(found.rescored))}
      </p>
      <ol class="hits">
        {found.hits.map((hit) => (
          <li key={hit.name} class="hit">
            <button
              type="button"
              title={t('{0}: search by this image', hit.name)}
              onClick={() => searchByImage(pathOf(hit))}
            >
              <Thumbnail path={pathOf(hit)} alt={hit.name} />
            </button>
            <span class="hit-name" title={hit.name}>
              {hit.name.slice(hit.name.lastIndexOf('/') + 1)}
            </span>
            <span class="number" title={t('similarity {0}', hit.similarity.toFixed(3))}>
              {hit.score.toFixed(3)}
            </span>
            {facts.value!.fusion === 'cross_attention' && image.value === null && (
              <Button
                secondary
                title={t('Where each word looks in this image')}
                onClick={() => void lookAt({ image: pathOf(hit), caption: words.value })}
              >
                {t('Regions')}
              </Button>
            )}
          </li>
        ))}
      </ol>
    </>
  );
}

function Captions(): VNode {
  const { hits, captions: compared, of } = captions.value!;
  return (
    <>
      <p class="muted">
        {compared < of
          ? t(
              'Nearest of {0} captions, spread evenly over the {1} of the data.',
              counted(compared),
              counted(of),
            )
          : plural(compared, 'Nearest of {0} caption of the data.', 'Nearest of {0} captions of the data.')}
      </p>
      <ol class="caption-hits">
        {hits.slice(0, 8).map(({ caption, score }) => (
          <li key={caption}>
            <span class="number">{score.toFixed(3)}</span> {caption}
          </li>
        ))}
      </ol>
    </>
  );
}
