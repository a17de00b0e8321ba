import type { VNode } from 'preact';
import { settingName } from '../../src/text/settings.ts';
import { t } from '../../src/text/say.ts';
import { Select } from '../controls/controls.tsx';
import type { Colouring } from '../model/colouring.ts';
import { Swatch } from './legend.tsx';
import { changePlots, plotSettings } from './plot-settings.ts';

/** What a line's colour stands for: the run, unless one of the settings that differ is chosen. Nothing where none does. */
export function ColourChoice({ keys }: { keys: string[] }): VNode | null {
  if (!keys.length) return null;
  const { colourBy } = plotSettings.value;
  return (
    <span class="tool">
      <span aria-hidden="true">{t('colour')}</span>
      <Select
        label={t('What colours stand for')}
        value={colourBy !== null && keys.includes(colourBy) ? colourBy : ''}
        options={[
          { value: '', label: t('run') },
          ...keys.map((key) => ({ value: key, label: settingName(key, keys) })),
        ]}
        onChange={(value) => changePlots({ colourBy: value || null })}
      />
    </span>
  );
}

/** What the colours mean, where they stand for a setting: the only legend then. */
export const ColourKey = ({ colours }: { colours: Colouring }): VNode => (
  <p class="colour-key">
    <span class="muted">{t('colour: {0}', colours.name)}</span>
    {colours.values.map(({ text, colour }) => (
      <span key={text}>
        <Swatch colour={colour} /> {text}
      </span>
    ))}
  </p>
);
