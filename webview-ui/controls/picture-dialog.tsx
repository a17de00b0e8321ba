import { signal } from '@preact/signals';
import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { pictureOf } from '../../src/analysis/figures/picture.ts';
import type { PictureInput } from '../../src/analysis/figures/picture.ts';
import { markupOf } from '../../src/analysis/figures/svg.ts';
import { t } from '../../src/text/say.ts';
import { ask } from '../model/host.ts';
import { keep, kept } from '../model/panel-model.ts';
import { theme } from '../model/theme.ts';
import { Button, Select } from './controls.tsx';

/** What a person wants to save as a picture: all but its size and looks. */
export interface WantedPicture extends Pick<PictureInput, 'title' | 'key' | 'draw'> {
  /** Without its ending. */
  fileName: string;
}

const wanted = signal<WantedPicture | null>(null);

/** Asks for the format and the size of a picture, then where to save it. */
export const offerPicture = (picture: WantedPicture): void => void (wanted.value = picture);

/** A title as a file can be called. */
export const nameForFile = (title: string): string => title.replace(/[^\p{L}\p{N}.-]+/gu, '-');

interface PictureForm {
  format: 'svg' | 'png';
  width: number;
  height: number;
}

/** What was chosen last is offered again. */
const form = signal<PictureForm>({
  format: 'png',
  width: 800,
  height: 500,
  ...(kept('picture') as Partial<PictureForm> | undefined),
});

function choose(change: Partial<PictureForm>): void {
  form.value = { ...form.value, ...change };
  keep('picture', form.value);
}

const [smallest, largest] = [200, 8000];

export function PictureDialog(): VNode | null {
  const picture = wanted.value;
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (picture) dialog.current?.showModal();
  }, [picture]);
  if (!picture) return null;
  const { format, width, height } = form.value;
  const isFit = [width, height].every((size) => size >= smallest && size <= largest);
  const save = (): void => {
    if (!isFit) return;
    wanted.value = null;
    void savePicture(picture, form.value);
  };
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-label={t('Save as a picture')}
      onClose={() => (wanted.value = null)}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <h2>{picture.title}</h2>
        <label class="field-above">
          {t('Format')}
          <Select
            label={t('Format')}
            value={format}
            options={[
              { value: 'png', label: t('PNG, twice as many pixels for sharp screens') },
              { value: 'svg', label: t('SVG, lines and letters at any size') },
            ]}
            width="wide"
            onChange={(value) => choose({ format: value as PictureForm['format'] })}
          />
        </label>
        <div class="dialog-line">
          <Size label={t('Width')} value={width} onInput={(value) => choose({ width: value })} />
          <span aria-hidden="true">×</span>
          <Size label={t('Height')} value={height} onInput={(value) => choose({ height: value })} />
          <span class="muted">{t('pixels')}</span>
        </div>
        {!isFit && <p class="error-text">{t('Choose from {0} to {1} pixels.', smallest, largest)}</p>}
        <div class="buttons">
          <Button disabled={!isFit} onClick={save}>
            {t('Save…')}
          </Button>
          <Button secondary onClick={() => dialog.current?.close()}>
            {t('Cancel')}
          </Button>
        </div>
      </form>
    </dialog>
  );
}

const Size = (props: { label: string; value: number; onInput: (value: number) => void }): VNode => (
  <label class="field-above">
    {props.label}
    <input
      type="number"
      class="filter"
      min={smallest}
      max={largest}
      value={props.value}
      onInput={(event) => props.onInput(Math.round(event.currentTarget.valueAsNumber) || 0)}
    />
  </label>
);

async function savePicture(picture: WantedPicture, { format, width, height }: PictureForm): Promise<void> {
  const { background, foreground, muted, grid, font } = theme.value;
  const colours = { fore: foreground, muted, line: grid, back: background };
  const markup = markupOf(pictureOf({ ...picture, width, height, colours, font }));
  const name = `${picture.fileName}.${format}`;
  const content = format === 'svg' ? markup : await pngOf(markup, width, height);
  await ask({ kind: 'save', name, content, base64: format === 'png' }, t('save the picture'));
}

/** Base64 of the drawing as PNG, at two pixels for each of its own. */
async function pngOf(markup: string, width: number, height: number): Promise<string> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(markup)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [2 * width, 2 * height];
  canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL('image/png').split(',')[1]!;
}
