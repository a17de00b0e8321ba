import { signal } from '@preact/signals';
import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { WordAttention } from '../../src/protocol/inference.ts';
import { shortNumber } from '../../src/text/numbers.ts';
import { t } from '../../src/text/say.ts';
import { Select } from '../controls/controls.tsx';
import { drawShares, shareRamp } from './attention-map.ts';
import { asking, attended, facts, looked } from './explore-model.ts';

/** Which word and layer are drawn; null: the first word after the caption's beginning, and the last layer. */
const chosenWord = signal<number | null>(null);
const chosenLayer = signal<number | null>(null);

/** Where the words of a caption look in an image: only one fusion has that. */
export function WhereWordsLook(): VNode {
  return (
    <section aria-label={t('Where words look')}>
      <h2>{t('Where words look')}</h2>
      {facts.value!.fusion !== 'cross_attention' ? (
        <p class="muted">
          {t(
            'Only a fusion of kind cross_attention lets words look at regions of an image; this run’s is {0}.',
            facts.value!.fusion,
          )}
        </p>
      ) : attended.value ? (
        <Looked found={attended.value} />
      ) : (
        <p class="muted" role="status">
          {asking.value.includes('attention')
            ? t('Computing…')
            : t('Search by words, and press Regions below an image: it shows where each word looks.')}
        </p>
      )}
    </section>
  );
}

function Looked({ found }: { found: WordAttention }): VNode {
  const { words, side, heads, picture } = found;
  const layers = words[0]?.shares.length ?? 0;
  const layer = Math.min(chosenLayer.value ?? layers - 1, layers - 1);
  // The first token stands for the beginning of the caption.
  const at = Math.min(chosenWord.value ?? 1, words.length - 1);
  const shares = words[at]!.shares[layer]!;
  const most = Math.max(...shares);
  const even = 1 / shares.length;
  return (
    <>
      <p class="path" title={looked.value?.image ?? ''}>
        {looked.value?.image}
      </p>
      <div class="words" role="radiogroup" aria-label={t('Words')}>
        {words.map(({ text }, place) => (
          <button
            key={place}
            type="button"
            role="radio"
            aria-checked={place === at}
            onClick={() => (chosenWord.value = place)}
            onMouseEnter={() => (chosenWord.value = place)}
            onFocus={() => (chosenWord.value = place)}
          >
            {text}
          </button>
        ))}
      </div>
      <div class="attention">
        <div class="attention-picture">
          <img src={picture} alt={looked.value?.image ?? ''} />
          <Shares shares={shares} side={side} most={most} />
        </div>
        <div class="attention-facts">
          {layers > 1 && (
            <Select
              label={t('Layer')}
              value={String(layer)}
              options={Array.from({ length: layers }, (_, one) => ({
                value: String(one),
                label: t('Layer {0} of {1}', one + 1, layers),
              }))}
              onChange={(value) => (chosenLayer.value = Number(value))}
            />
          )}
          <div class="attention-scale">
            <span>0</span>
            <span class="attention-ramp" style={{ background: shareRamp }} />
            <span>{shortNumber(most)}</span>
          </div>
          <p class="muted">
            {t(
              'Shares of attention in layer {0} of {1}, the mean of {2} heads and of the word’s pieces. The {3} regions sum to 1; even attention would be {4} each.',
              layer + 1,
              layers,
              heads,
              shares.length,
              shortNumber(even),
            )}
          </p>
        </div>
      </div>
    </>
  );
}

interface SharesProps {
  shares: readonly number[];
  side: number;
  most: number;
}

/** A square a region over the picture, the stronger the more the word looks there; its number on hover. */
function Shares({ shares, side, most }: SharesProps): VNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => drawShares(canvas.current!, shares, side, most), [shares, side, most]);
  return (
    <canvas
      ref={canvas}
      width={side}
      height={side}
      onMouseMove={(event) => {
        const { left, top, width, height } = event.currentTarget.getBoundingClientRect();
        const column = Math.min(side - 1, Math.floor(((event.clientX - left) / width) * side));
        const row = Math.min(side - 1, Math.floor(((event.clientY - top) / height) * side));
        event.currentTarget.title = t(
          'row {0}, column {1}: {2}',
          row + 1,
          column + 1,
          shortNumber(shares[row * side + column] ?? 0),
        );
      }}
    />
  );
}
