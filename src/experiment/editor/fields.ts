import type { Branch } from '../config.ts';
import { lossOf } from '../derived.ts';
import type { FieldView } from '../schema/field-view.ts';
import type { Parsed } from '../parse/parsed.ts';
import { isSweepOption } from '../document/locate.ts';
import { defaultOf, settings, sections } from '../schema/settings.ts';
import { t } from '../../text/say.ts';
import { numberText } from '../../text/numbers.ts';
import { yamlText } from '../edit/yaml-text.ts';
import { learningRates } from '../resolve.ts';

/** Every setting as a form shows it, in the schema's order; the sweep itself is shown beside the settings that it lists. */
export function experimentFields(parsed: Parsed): FieldView[] {
  const { text } = parsed.document.source;
  return [...settings.values()]
    .filter((setting) => setting.wants !== 'sweep' && !isSweepOption(setting.path))
    .map((setting) => {
      const entry = parsed.places.get(setting.path);
      const value = entry?.value;
      const written = value ? text.slice(value.start, value.end) : '';
      const branch = /^optimizer\.learning_rate\.(image|text|fusion|scale)$/.exec(setting.path)?.[1];
      return {
        path: setting.path,
        section: sectionLabel(setting.path),
        label: t(setting.label),
        description: t(setting.description),
        control: setting.control,
        unit: setting.unit && t(setting.unit),
        choices: setting.choices && [...setting.choices, ...setting.forms],
        text: value && written !== '' ? written : null,
        defaultText: branch
          ? numberText(rateDefault(parsed, branch as Branch))
          : (lossDefault(parsed, setting.path) ?? defaultOf(setting)),
        sweep: sweepTexts(parsed, setting.path),
        sweepable: setting.sweepable,
        isBasic: setting.isBasic,
      };
    });
}

/** The default of a rate in this file, whatever it gives itself. */
function rateDefault(parsed: Parsed, branch: Branch): number {
  const { optimizer } = parsed.lenient;
  const bare = { ...parsed.lenient, optimizer: { ...optimizer, learning_rate: {} } };
  return learningRates(bare)[branch];
}

/** The default of a setting of the loss that depends on others of this file; null for any other setting. */
function lossDefault({ lenient: { loss, model } }: Parsed, path: string): string | null {
  const { temperature: _temperature, learn_temperature: _learns, ...others } = loss;
  void [_temperature, _learns];
  const found = lossOf({ loss: others, model });
  if (path === 'loss.learn_temperature') return String(found.learn_temperature);
  return path === 'loss.temperature' && !found.loaded ? numberText(found.temperature) : null;
}

/** Labels of the sections above a setting: `Model › Image encoder`. */
function sectionLabel(path: string): string {
  const parts = path.split('.').slice(0, -1);
  const labels = parts.map((_part, index) => {
    const section = sections.get(parts.slice(0, index + 1).join('.'));
    return section ? t(section.label) : '';
  });
  return labels.join(' › ') || t('Experiment');
}

function sweepTexts(parsed: Parsed, path: string): string[] | null {
  const key = path === 'seed' ? 'sweep.seeds' : `sweep.${path}`;
  const list = parsed.places.get(key)?.value;
  if (list?.kind !== 'list') return null;
  const { text } = parsed.document.source;
  return list.items.map((item) =>
    item.kind === 'scalar' && item.style === 'block'
      ? yamlText(item.value)
      : text.slice(item.start, item.end),
  );
}
