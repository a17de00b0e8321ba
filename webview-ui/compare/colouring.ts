import { orderedColour } from '../../src/analysis/colours.ts';
import { compareValues } from '../../src/analysis/compared-settings.ts';
import { settingName, settingText } from '../../src/text/settings.ts';
import type { Setting } from '../../src/analysis/compared-settings.ts';
import type { RunView } from '../../src/protocol/panel.ts';

/** Colours of runs by the value of one setting, on a perceptual scale. */
export interface Colouring {
  /** Name of the setting that the colour stands for; null: nothing differs. */
  name: string | null;
  /** What each colour means, smallest value first. */
  values: { text: string; colour: string }[];
  ofRun: (run: RunView) => string;
  ofSetting: (key: string) => string | null;
}

/** By the image rate where it differs, else the first setting that does. */
export function colouring(settings: Setting[], keys: string[], background: string): Colouring {
  const key = keys.find((each) => /learning_rate/.test(each)) ?? keys[0] ?? null;
  const distinct = key
    ? [
        ...new Set(
          settings
            .map(({ values }) => values[key])
            .sort(compareValues)
            .map(settingText),
        ),
      ]
    : settings.map(({ key: id }) => id);
  const colours = new Map(
    distinct.map((text, index) => [text, orderedColour(index, distinct.length, background)]),
  );
  const textOf = (setting: Setting): string => (key ? settingText(setting.values[key]) : setting.key);
  const byRun = new Map(
    settings.flatMap((setting) => setting.runs.map((run) => [run.id, colours.get(textOf(setting))!])),
  );
  const bySetting = new Map(settings.map((setting) => [setting.key, colours.get(textOf(setting))!]));
  return {
    name: key && settingName(key, keys),
    values: key ? [...colours].map(([text, colour]) => ({ text, colour })) : [],
    ofRun: (run) => byRun.get(run.id) ?? 'currentColor',
    ofSetting: (id) => bySetting.get(id) ?? null,
  };
}
