import type { HeldOutSearch, HeldOutSearches } from '../../protocol/inference.ts';
import { counted } from '../../text/numbers.ts';
import { t } from '../../text/say.ts';
import { escaped } from '../figures/svg.ts';

/** What captions of the validation side find: a row of the nearest images each, the right one framed. */
export function searchesHtml(
  { step, isBest, captions, images, searches }: HeldOutSearches,
  run: string,
): string[] {
  return [
    `<section><h2>${t('Searches on held-out images')}</h2>`,
    `<p class="muted">${escaped(
      t(
        '{0} of {1} captions, spread evenly, and the nearest of {2} images to each, by run {3} ({4}, step {5}). The right image is framed.',
        counted(searches.length),
        counted(captions),
        counted(images),
        run,
        isBest ? t('best checkpoint') : t('newest checkpoint'),
        counted(step),
      ),
    )}</p>`,
    ...searches.map(rowHtml),
    '</section>',
  ];
}

function rowHtml({ caption, rank, hits }: HeldOutSearch): string {
  const isMissed = !hits.some(({ isRight }) => isRight);
  const words = isMissed ? `${caption} ${t('(its image is at place {0})', counted(rank))}` : caption;
  const found = hits.map(({ image, thumbnail, isRight }) => {
    const alt = isRight ? t('{0}, the right one', image) : image;
    return `<li${isRight ? ' class="right"' : ''}><img src="${escaped(thumbnail)}" alt="${escaped(alt)}" title="${escaped(alt)}"></li>`;
  });
  return `<h3>${escaped(words)}</h3><ol class="found">${found.join('')}</ol>`;
}
