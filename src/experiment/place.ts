import type { Finding, FindingFix } from './checks/finding.ts';
import { removeEdits, setEdits } from './edit.ts';
import type { Parsed } from './parse.ts';
import type { Fix, Problem, SourceRange } from './problem.ts';
import { valuePlace } from './rules.ts';
import { rangeOf } from './source.ts';

/** A finding at its place: the value (or sweep item) of the first of its keys that is written, else the nearest section that is, else the file's start. */
export function placeFinding(parsed: Parsed, finding: Finding): Problem {
  const { source } = parsed.document;
  const { severity, code, message } = finding;
  const sweptKey = finding.paths[0]?.startsWith('sweep.') ? parsed.places.get(finding.paths[0]) : undefined;
  if (sweptKey)
    return {
      severity,
      code,
      message,
      path: 'sweep',
      setting: finding.paths[0]!.slice('sweep.'.length),
      range: rangeOf(source, sweptKey.keyStart, sweptKey.keyEnd),
      fixes: finding.fixes.flatMap((fix) => fixOf(parsed, fix, null)),
    };
  for (const [index, path] of finding.paths.entries()) {
    const value = index === 0 && finding.value !== undefined ? finding.value : valueAt(parsed, path);
    const place = valuePlace(parsed, path, value);
    if (!place) continue;
    return {
      // To try doubtful values is what a sweep is for.
      severity: place.swept && severity === 'warning' ? 'info' : severity,
      code,
      message,
      path: place.swept ? 'sweep' : path,
      ...(place.swept && { setting: path }),
      range: rangeOf(source, place.start, place.end),
      fixes: finding.fixes.flatMap((fix) => fixOf(parsed, fix, place.swept ? { ...place, path } : null)),
    };
  }
  return {
    severity,
    code,
    message,
    path: finding.paths[0] ?? '',
    range: sectionRange(parsed, finding.paths[0] ?? ''),
    fixes: finding.fixes.flatMap((fix) => fixOf(parsed, fix, null)),
  };
}

/** The key of the nearest section that is written above a dotted key. */
export function sectionRange(parsed: Parsed, path: string): SourceRange {
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

function fixOf(
  parsed: Parsed,
  fix: FindingFix,
  swept: { path: string; start: number; end: number } | null,
): Fix[] {
  if ('remove' in fix) {
    const edits = removeEdits(parsed.document, fix.remove);
    return edits.length ? [{ title: fix.title ?? `Remove ${fix.remove}`, edits }] : [];
  }
  const title = fix.title ?? `Set ${fix.set} to ${fix.to}`;
  if (swept && swept.path === fix.set)
    return [
      { title: `Change it to ${fix.to}`, edits: [{ start: swept.start, end: swept.end, text: fix.to }] },
    ];
  const edits = setEdits(parsed.document, fix.set, fix.to);
  return edits.length ? [{ title, edits }] : [];
}

function valueAt(parsed: Parsed, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], parsed.lenient);
}
