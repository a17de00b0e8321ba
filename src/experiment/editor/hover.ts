import { code, describeSection, describeSetting } from './describe.ts';
import { nearbyRuns, type EarlierRun } from './nearby.ts';
import { parseExperiment } from '../parse/parse.ts';
import type { Parsed } from '../parse/parsed.ts';
import type { SourceRange } from '../document/problem.ts';
import { learningRates } from '../resolve.ts';
import { distributions } from '../draw.ts';
import { isSweepOption } from '../document/locate.ts';
import { sections, settings } from '../schema/settings.ts';
import { rangeOf } from '../document/source.ts';
import type { MapEntry, TreeNode } from '../document/tree.ts';
import { numberText } from '../../text/numbers.ts';
import { t } from '../../text/say.ts';
import { branchName } from '../../text/settings.ts';

export interface Hover {
  /** The key or value under the cursor. */
  range: SourceRange;
  markdown: string;
  /** Dotted key; of a sweep list, the key that is swept. */
  path: string;
}

/** What the key or value at an offset means; for a learning rate also what earlier runs with nearby values reached. */
export function hoverAt(text: string, offset: number, earlier: readonly EarlierRun[] = []): Hover | null {
  const parsed = parseExperiment(text);
  const found = innermost(parsed, offset);
  if (!found) return null;
  const { path, entry } = found;
  const { source } = parsed.document;
  const onKey = offset >= entry.keyStart && offset <= entry.keyEnd;
  const item = onKey ? null : itemAt(entry.value, offset);
  const place = onKey ? { start: entry.keyStart, end: entry.keyEnd } : (item ?? entry.value);
  const range = rangeOf(source, place.start, place.end);
  if (path === 'seeds')
    return {
      range,
      path,
      markdown: `**seeds**\n\n${t('Each trial is run once with each seed; the comparison shows mean and range.')}`,
    };
  const kind = found.swept ? path.slice(path.lastIndexOf('.') + 1) : '';
  const drawn = distributions()[kind as keyof ReturnType<typeof distributions>] as string | undefined;
  if (drawn !== undefined)
    return {
      range,
      path,
      markdown: `**${kind}**\n\n${drawn}`,
    };
  const setting = settings.get(path);
  if (!setting) {
    const section = sections.get(path);
    const rates = path === 'optimizer.learning_rate' ? `\n\n${ratesHere(parsed)}` : '';
    return section && onKey
      ? { range, path, markdown: `**${path}**\n\n${describeSection(section)}${rates}` }
      : null;
  }
  const parts = [`**${path}**${found.swept ? t(' (swept)') : ''}`, describeSetting(setting)];
  if (path.startsWith('optimizer.learning_rate.')) {
    const written = item ?? (entry.value.kind === 'scalar' ? entry.value : null);
    const branch = path.slice(path.lastIndexOf('.') + 1) as keyof ReturnType<typeof learningRates>;
    const value = typeof written?.value === 'number' ? written.value : learningRates(parsed.lenient)[branch];
    const near = nearbyRuns(path, value, earlier);
    if (near) parts.push(near);
  } else if (!onKey && typeof (item ?? entry.value) === 'object') {
    const small = item ?? entry.value;
    if (
      small.kind === 'scalar' &&
      typeof small.value === 'number' &&
      small.source !== numberText(small.value)
    )
      parts.push(t('Here: {0}.', code(numberText(small.value))));
  }
  return { range, path, markdown: parts.join('\n\n') };
}

/** The rates that hold in this file, written or default. */
function ratesHere({ lenient }: Parsed): string {
  const rates = Object.entries(learningRates(lenient)).map(
    ([branch, rate]) => `${branchName(branch)} ${code(numberText(rate))}`,
  );
  return t('Here: {0}.', rates.join(', '));
}

/** The innermost known key whose name or value holds the offset. */
function innermost(parsed: Parsed, offset: number): { path: string; entry: MapEntry; swept: boolean } | null {
  let best: { path: string; entry: MapEntry; swept: boolean } | null = null;
  for (const [place, entry] of parsed.places) {
    if (entry.merged && offset >= entry.keyStart && offset <= entry.keyEnd) continue;
    const isInside =
      (offset >= entry.keyStart && offset <= entry.keyEnd) ||
      (offset >= entry.value.start && offset <= entry.value.end && entry.value.end > entry.value.start);
    if (!isInside) continue;
    const swept = place.startsWith('sweep.') && !isSweepOption(place);
    // Places are entered section first, so a later one is further in.
    if (!best || entry.keyStart >= best.entry.keyStart)
      best = { path: swept ? place.slice('sweep.'.length) : place, entry, swept };
  }
  return best;
}

function itemAt(node: TreeNode, offset: number) {
  if (node.kind !== 'list') return null;
  const item = node.items.find((one) => offset >= one.start && offset <= one.end);
  return item?.kind === 'scalar' ? item : null;
}
