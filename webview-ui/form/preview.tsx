import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { counted } from '../../src/text/numbers.ts';
import type { ExperimentView, PreviewItem } from '../../src/protocol/panel.ts';
import { Button } from '../controls/controls.tsx';
import { ask } from '../model/host.ts';
import { preview } from '../model/panel-model.ts';
import { t } from '../../src/text/say.ts';

const count = 4;

/** Pairs as the model sees them: pictures after preprocessing and augmentation, captions with their tokens. */
export function Preview({ view }: { view: ExperimentView }): VNode {
  const [index, setIndex] = useState(0);
  const [epoch, setEpoch] = useState(0);
  const [isAsking, setAsking] = useState(false);
  const settings = settingsText(view);
  useEffect(() => {
    let isGone = false;
    const timer = setTimeout(() => {
      setAsking(true);
      void ask({ kind: 'preview', index, epoch, count }, t('prepare the preview')).then(() => {
        if (!isGone) setAsking(false);
      });
    }, 300);
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [index, epoch, settings]);
  const message = preview.value;
  const total = message?.total ?? 0;
  return (
    <aside class="preview" aria-label={t('Preview')}>
      <h2>{t('Preview')}</h2>
      {message?.problem && <p class="error-text">{message.problem}</p>}
      {!message && <p class="muted">{isAsking ? t('Preparing the first pairs…') : ''}</p>}
      {message && message.items.length > 0 && (
        <>
          <div class="preview-line">
            <span class="muted">
              {t(
                'pairs {0}–{1} of {2} · epoch {3} · seed {4}',
                counted(message.items[0]!.index + 1),
                counted(message.items.at(-1)!.index + 1),
                counted(total),
                message.epoch,
                message.seed,
              )}
            </span>
          </div>
          <div class="preview-items">
            {message.items.map((item) => (
              <Item key={`${item.index}-${message.epoch}`} item={item} />
            ))}
          </div>
        </>
      )}
      {total > 0 && (
        <div class="preview-line">
          <Button secondary disabled={index === 0} onClick={() => setIndex(Math.max(0, index - count))}>
            {t('Previous')}
          </Button>
          <Button secondary disabled={index + count >= total} onClick={() => setIndex(index + count)}>
            {t('Next')}
          </Button>
          <Button
            secondary
            title={t('The same pairs as the next epoch will augment them')}
            onClick={() => setEpoch(epoch + 1)}
          >
            {t('Next epoch')}
          </Button>
          {epoch > 0 && (
            <Button secondary onClick={() => setEpoch(0)}>
              {t('Epoch 0')}
            </Button>
          )}
        </div>
      )}
    </aside>
  );
}

/** Only these settings change what the preview shows. */
const settingsText = (view: ExperimentView): string =>
  JSON.stringify(
    view.fields
      .filter(({ path }) => /^(data\.|seed$|model\.text_encoder\.name)/.test(path))
      .map(({ path, text }) => [path, text]),
  );

function Item({ item }: { item: PreviewItem }): VNode {
  const isCut = item.tokens.some(({ cut }) => cut);
  return (
    <figure class="preview-item">
      <img src={item.picture} alt={t('Pair {0}: {1}', item.index + 1, item.caption)} />
      <figcaption>
        <div class="caption">{item.caption}</div>
        <div class="tokens" role="group" aria-label={t('Tokens')}>
          {item.tokens.map((token, at) => (
            <span key={at} class={`token ${token.unknown ? 'unknown' : ''} ${token.cut ? 'cut' : ''}`}>
              {token.text}
            </span>
          ))}
        </div>
        <div class="muted">
          {t('{0} of {1} tokens', item.tokenCount, item.maxLength)}
          {isCut && t(', the end is cut')}
          {item.augmentation && ` · ${item.augmentation}`}
        </div>
      </figcaption>
    </figure>
  );
}
