import type { MapEntry } from '../document/tree.ts';
import { sections, settings, sweepableSettings, sweepOptions } from '../schema/settings.ts';
import { nearestPath } from './nearest.ts';
import { seedsName } from './read-sweep-list.ts';
import { keyOf, type Report } from './sweep-report.ts';

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
        ? 'Write seeds: [0, 1, 2] to repeat each trial with several seeds.'
        : `${name} cannot be swept: it does not change what is learnt.`,
      at,
      name === 'seed' ? [{ title: 'Change to seeds', edits: [{ ...at, text: 'seeds' }] }] : [],
    );
    return false;
  }
  if (sections.has(name)) {
    const inside = sweepableSettings.filter((one) => one.path.startsWith(`${name}.`)).map((one) => one.path);
    report(
      'no_such_setting',
      `${name} holds several settings; name one with dots, such as ${inside.slice(0, 4).join(', ')}.`,
      at,
    );
    return false;
  }
  const known = [seedsName, ...sweepOptions.children.keys(), ...sweepableSettings.map((one) => one.path)];
  const near = nearestPath(name, known);
  report(
    'no_such_setting',
    `There is no setting ${name}${near ? `; ${near} is near` : ''}.`,
    at,
    near ? [{ title: `Change to ${near}`, edits: [{ ...at, text: near }] }] : [],
  );
  return false;
}
