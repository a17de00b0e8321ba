import type { Branch } from '../config.ts';
import { lossOf } from '../derived.ts';
import type { DrawKind, FieldView } from '../schema/field-view.ts';
import type { Parsed } from '../parse/parsed.ts';
import { isSweepOption } from '../document/locate.ts';
import { defaultOf, settings, sections, type Setting } from '../schema/settings.ts';
import { t } from '../../text/say.ts';
import { numberText } from '../../text/numbers.ts';
import { yamlText } from '../edit/yaml-text.ts';
import { learningRates } from '../resolve.ts';

/** Every setting as a form shows it, in the schema's order; what a sweep lists is shown at the settings themselves. */
export function experimentFields(parsed: Parsed): FieldView[] {
  const { text } = parsed.document.source;
  return [...settings.values()]
    .filter((setting) => setting.wants !== 'sweep')
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
          : (lossDefault(parsed, setting.path) ?? (isAbsent(parsed, setting.path) ? '' : defaultOf(setting))),
        ...sweepOf(parsed, setting.path),
        sweepable: setting.sweepable || setting.path === 'seed',
        draws: parsed.places.has('sweep.random') ? drawsOf(setting) : [],
        isBasic: isBasic(parsed, setting),
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
    const above = parts.slice(0, index + 1).join('.');
    // `sweep` itself is a setting: one that holds lists.
    const section = sections.get(above) ?? settings.get(above);
    return section ? t(section.label) : '';
  });
  return labels.join(' › ') || t('Experiment');
}

/**
 * A setting that says nothing while its key is absent: of a part of the sweep that is not there, and the length of the training where the
 * file gives the other one.
 */
function isAbsent({ places }: Parsed, path: string): boolean {
  if (isSweepOption(path)) return !places.has(path.slice(0, path.lastIndexOf('.')));
  return path === 'train.epochs' && isGiven(places, 'train.steps');
}

/** The length of the training is among the first settings in the unit that the file has it in. */
function isBasic({ places }: Parsed, { path, isBasic }: Setting): boolean {
  const inSteps = isGiven(places, 'train.steps');
  if (path === 'train.steps') return inSteps;
  return path === 'train.epochs' ? !inSteps : isBasic;
}

const isGiven = (places: Parsed['places'], path: string): boolean =>
  places.has(path) || places.has(`sweep.${path}`);

/** What a setting can be drawn from: ranges are for numbers. */
const drawsOf = ({ wants }: Setting): DrawKind[] =>
  wants === 'number' || wants === 'whole' ? drawKinds : ['choice'];

function sweepOf({ places, document }: Parsed, path: string): Pick<FieldView, 'sweep' | 'draw'> {
  const key = path === 'seed' ? 'sweep.seeds' : `sweep.${path}`;
  const draw = drawKinds.find((kind) => places.has(`${key}.${kind}`)) ?? 'choice';
  const list = (places.get(`${key}.${draw}`) ?? places.get(key))?.value;
  if (list?.kind !== 'list') return { sweep: null, draw };
  const { text } = document.source;
  const sweep = list.items.map((item) =>
    item.kind === 'scalar' && item.style === 'block'
      ? yamlText(item.value)
      : text.slice(item.start, item.end),
  );
  return { sweep, draw };
}

const drawKinds: DrawKind[] = ['choice', 'log_uniform', 'uniform', 'integer'];
