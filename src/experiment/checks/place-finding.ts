import type { Finding, FindingFix } from './finding.ts';
import { removeEdits, removeItemAt } from '../edit/remove.ts';
import { sequence } from '../edit/apply-edits.ts';
import { removeKey, setEdits, setValue } from '../edit/edit.ts';
import { valueOf } from '../edit/value-text.ts';
import type { Parsed } from '../parse/parsed.ts';
import { lazyFix, type Fix, type Problem, type SourceRange } from '../document/problem.ts';
import { valuePlace } from '../parse/value-place.ts';
import type { Experiment } from '../schema/schema.ts';
import { rangeOf } from '../document/source.ts';
import { t } from '../../text/say.ts';

/** Where a finding is shown. */
interface Place {
  path: string;
  setting?: string;
  range: SourceRange;
  /** A value that a sweep tries beside others. */
  isTried: boolean;
  /** The item of a sweep list that is marked. */
  item: { path: string; start: number; end: number } | null;
}

/**
 * A finding of an experiment (of a sweep: one trial) at its place: the value (or sweep item) of the first of its keys that is written, else
 * the nearest section that is, else the file's start.
 */
export function placeFinding(parsed: Parsed, finding: Finding, experiment: Experiment): Problem {
  const { code, message, fixes } = finding;
  const { item, isTried, ...place } = placeOf(parsed, finding, experiment);
  // To try doubtful values is what a sweep is for.
  const severity = isTried && finding.severity === 'warning' ? 'info' : finding.severity;
  const made = fixes.flatMap((fix) => fixOf(parsed, fix, item));
  const titles = made.map(({ title }) => title);
  return {
    ...place,
    severity,
    code,
    message,
    fixes: made.filter(({ title }, index) => titles.indexOf(title) === index),
  };
}

function placeOf(parsed: Parsed, finding: Finding, experiment: Experiment): Place {
  const { source } = parsed.document;
  const [first = ''] = finding.paths;
  const sweptKey = first.startsWith('sweep.') ? parsed.places.get(first) : undefined;
  if (sweptKey)
    return {
      path: 'sweep',
      setting: first.slice('sweep.'.length),
      range: rangeOf(source, sweptKey.keyStart, sweptKey.keyEnd),
      isTried: false,
      item: null,
    };
  for (const [index, path] of finding.paths.entries()) {
    const value = index === 0 && finding.value !== undefined ? finding.value : valueAt(experiment, path);
    const place = valuePlace(parsed, path, value);
    if (!place) continue;
    const range = rangeOf(source, place.start, place.end);
    if (!place.swept) return { path, range, isTried: false, item: null };
    const item = place.isItem ? { path, start: place.start, end: place.end } : null;
    return { path: 'sweep', setting: path, range, isTried: true, item };
  }
  return { path: first, range: sectionRange(parsed, first), isTried: false, item: null };
}

/** The key of the nearest section that is written above a dotted key. */
function sectionRange(parsed: Parsed, path: string): SourceRange {
  const { source } = parsed.document;
  const parts = path.split('.');
  while (parts.length) {
    parts.pop();
    const entry = parsed.places.get(parts.join('.'));
    if (entry) return rangeOf(source, entry.keyStart, entry.keyEnd);
  }
  const first = parsed.places.get('data') ?? [...parsed.places.values()][0];
  return first ? rangeOf(source, first.keyStart, first.keyEnd) : rangeOf(source, source.bom, source.bom);
}

function fixOf(parsed: Parsed, fix: FindingFix, item: Place['item']): Fix[] {
  const { document } = parsed;
  if ('all' in fix) {
    if (fix.all.some((one) => parsed.lenient.sweep?.values['set' in one ? one.set : one.remove])) return [];
    const changes = fix.all.map(
      (one) => (text: string) =>
        'set' in one ? setValue(text, one.set, one.to) : removeKey(text, one.remove),
    );
    return [lazyFix(fix.title, () => sequence(document.source.text, changes))];
  }
  if ('remove' in fix) {
    // The value is the sweep's: a key beside it is not what is wrong.
    if (item && item.path === fix.remove) return removeItem(parsed, item.start);
    const edits = removeEdits(document, fix.remove);
    return edits.length ? [{ title: fix.title ?? t('Remove {0}', fix.remove), edits }] : [];
  }
  if (item && item.path === fix.set) {
    const listed = parsed.lenient.sweep?.values[fix.set] ?? [];
    const isListed = listed.some((one) => JSON.stringify(one) === JSON.stringify(valueOf(fix.to)));
    if (!isListed)
      return [
        { title: t('Change it to {0}', fix.to), edits: [{ start: item.start, end: item.end, text: fix.to }] },
      ];
    return removeItem(parsed, item.start);
  }
  // A value beside the sweep's own would change nothing.
  if (parsed.lenient.sweep?.values[fix.set]) return [];
  const edits = setEdits(document, fix.set, fix.to);
  return edits.length ? [{ title: fix.title ?? t('Set {0} to {1}', fix.set, fix.to), edits }] : [];
}

function removeItem({ document }: Parsed, start: number): Fix[] {
  const edits = removeItemAt(document, start);
  return edits.length ? [{ title: t('Remove it from the sweep'), edits }] : [];
}

/** Value of a dotted key. */
function valueAt(experiment: Experiment, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], experiment);
}
