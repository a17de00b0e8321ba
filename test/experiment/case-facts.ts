import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Facts } from '../../src/experiment/checks/facts.ts';
import type { Parsed } from '../../src/experiment/parse/parsed.ts';

/** Facts of a small csv file without quotes, as the launcher would give them for the file's own data section. */
export function factsOf(parsed: Parsed, file: string): Partial<Facts> {
  const { pairs, val_fraction } = parsed.lenient.data;
  const path = join(dirname(file), pairs);
  if (!pairs || !existsSync(path)) return { data: { exists: false } };
  const [header, ...rows] = readFileSync(path, 'utf8').trim().split('\n');
  const columns = header!.split(',');
  const usable = rows.filter((row) => row.split(',').every(Boolean)).length;
  const val_pairs = Math.round(usable * val_fraction);
  return {
    data: { exists: true, columns, rows: rows.length, usable, train_pairs: usable - val_pairs, val_pairs },
  };
}
