import { groupedBySetting } from '../../src/analysis/compared-settings.ts';
import { seedBand } from '../../src/analysis/seed-band.ts';
import type { SeedBand } from '../../src/analysis/seed-band.ts';
import type { RunView } from '../../src/protocol/panel.ts';
import type { Series } from '../../src/protocol/state.ts';
import { plural } from '../../src/text/words.ts';

/** Bands by their mean, which is drawn like the other series. */
const bands = new WeakMap<Series, SeedBand>();

/** What is drawn behind a series: the range over seeds; undefined for a run's own. */
export const bandOf = (mean: Series): SeedBand | undefined => bands.get(mean);

const known = new Map<string, { lengths: string; band: SeedBand }>();

/** The runs with those that differ in their seed alone as one: its curves are means, with a band from the lowest seed to the highest. */
export function bySetting(runs: RunView[], keys: string[]): RunView[] {
  return groupedBySetting(runs, keys).map(({ key, label, runs: members }) =>
    members.length > 1 ? together(key, label, members) : members[0]!,
  );
}

function together(key: string, label: string, members: RunView[]): RunView {
  const names = [...new Set(members.flatMap(({ state }) => [...state!.series.keys()]))];
  const series = new Map(
    names.map((name) => {
      const curves = members.flatMap(({ state }) => state!.series.get(name) ?? []);
      return [name, meanOf(`${members.map(({ id }) => id).join(' ')} ${name}`, curves)];
    }),
  );
  const first = members[0]!;
  return {
    ...first,
    id: `seeds of ${key}`,
    label: `${label}, ${plural(members.length, '{0} seed', '{0} seeds')}`,
    // Its first run's colour, but none of its title.
    file: first.file && { ...first.file, title: null },
    state: {
      ...first.state!,
      series,
      marks: members.flatMap(({ state }) => state!.marks),
      notes: [],
      findings: [],
    },
  };
}

/** Made anew only when a curve has grown. */
function meanOf(key: string, curves: Series[]): Series {
  const lengths = curves.map(({ length, superseded }) => `${length}-${superseded}`).join(' ');
  let found = known.get(key);
  if (found?.lengths !== lengths) {
    found = { lengths, band: seedBand(curves) };
    known.set(key, found);
    bands.set(found.band.mean, found.band);
  }
  return found.band.mean;
}
