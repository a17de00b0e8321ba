import type { Parsed } from './parsed.ts';

interface ValuePlace {
  path: string;
  swept: boolean;
  /** It is one item of a sweep's list, and not all of what is tried. */
  isItem: boolean;
  start: number;
  end: number;
}

/** Where a value of a setting is written: the item of its sweep list, else the value itself; null when it is a default. */
export function valuePlace(parsed: Parsed, path: string, value: unknown): ValuePlace | null {
  const swept = parsed.places.get(`sweep.${path}`);
  const values = parsed.lenient.sweep?.values[path];
  if (swept && values) {
    const { value: list } = swept;
    const wanted = JSON.stringify(value);
    const index = values.findIndex((one) => JSON.stringify(one) === wanted);
    const item = list.kind === 'list' && list.items.length === values.length ? list.items[index] : undefined;
    const place = item ?? list;
    return { path, swept: true, isItem: item !== undefined, start: place.start, end: place.end };
  }
  const entry = parsed.places.get(path);
  if (!entry) return null;
  const { start, end } = entry.value;
  return start === end
    ? { path, swept: false, isItem: false, start: entry.keyStart, end: entry.keyEnd }
    : { path, swept: false, isItem: false, start, end };
}
