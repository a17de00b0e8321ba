import type { MapEntry } from '../document/tree.ts';
import { sections, settings, sweepableSettings, sweepOptions } from '../schema/settings.ts';
import { nearestPath } from './nearest.ts';
import { seedsName } from './read-sweep-list.ts';
import { keyOf, type Report } from './sweep-report.ts';
import { t } from '../../text/say.ts';

/** Whether a key of the sweep can be swept; what is meant instead is said. */
export function isSweepKey(entry: MapEntry, report: Report): boolean {
  const { name } = entry;
  const at = keyOf(entry);
  if (name === seedsName) return true;
  const setting = settings.get(name);
  if (setting?.sweepable) return true;
  if (setting) {
    report(
      'not_sweepable',
      name === 'seed'
        ? t('Write seeds: [0, 1, 2] to repeat each trial with several seeds.')
        : t('{0} cannot be swept: it does not change what is learnt.', name),
      at,
      name === 'seed' ? [{ title: t('Change to seeds'), edits: [{ ...at, text: 'seeds' }] }] : [],
    );
    return false;
  }
  if (sections.has(name)) {
    const inside = sweepableSettings.filter((one) => one.path.startsWith(`${name}.`)).map((one) => one.path);
    report(
      'no_such_setting',
      t('{0} holds several settings; name one with dots, such as {1}.', name, inside.slice(0, 4).join(', ')),
      at,
    );
    return false;
  }
  const known = [seedsName, ...sweepOptions.children.keys(), ...sweepableSettings.map((one) => one.path)];
  const near = nearestPath(name, known);
  report(
    'no_such_setting',
    near ? t('There is no setting {0}; {1} is near.', name, near) : t('There is no setting {0}.', name),
    at,
    near ? [{ title: t('Change to {0}', near), edits: [{ ...at, text: near }] }] : [],
  );
  return false;
}
