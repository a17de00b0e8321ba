import { orderedColour } from '../../src/analysis/colours.ts';
import { compareValues } from '../../src/analysis/compared-settings.ts';
import type { RunView } from '../../src/protocol/panel.ts';
import { settingName, settingText } from '../../src/text/settings.ts';

/** Colours of runs by the value of one setting, on a perceptual scale. */
export interface Colouring {
  /** Name of the setting that the colour stands for. */
  name: string;
  /** What each colour means, smallest value first. */
  values: { text: string; colour: string }[];
  ofRun: (run: RunView) => string;
  ofValue: (value: unknown) => string | null;
}

/** Colours by the setting `key`; null: each run has its own colour. `keys` are all that differ. */
export function colouring(
  runs: RunView[],
  key: string | null,
  keys: string[],
  background: string,
): Colouring | null {
  if (key === null || !keys.includes(key)) return null;
  const texts = [
    ...new Set(
      runs
        .map(({ settings }) => settings[key])
        .sort(compareValues)
        .map(settingText),
    ),
  ];
  const colours = new Map(texts.map((text, index) => [text, orderedColour(index, texts.length, background)]));
  const ofValue = (value: unknown): string | null => colours.get(settingText(value)) ?? null;
  return {
    name: settingName(key, keys),
    values: [...colours].map(([text, colour]) => ({ text, colour })),
    ofRun: (run) => ofValue(run.settings[key]) ?? 'currentColor',
    ofValue,
  };
}
