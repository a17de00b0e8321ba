import { readFile } from 'node:fs/promises';
import { HumanError } from '../protocol/human-error.ts';
import { systemError } from '../text/system-errors.ts';
import { shortened } from '../text/words.ts';
import { said, t } from '../text/say.ts';

/** The safetensors files that an index file names, each once, sorted. Names that lead out of its folder are refused. */
export async function shardsOf(index: string): Promise<string[]> {
  const { weight_map: map } = await readJson(index);
  const names: unknown[] = typeof map === 'object' && map !== null ? Object.values(map) : [];
  if (names.length === 0) throw badIndex(index, t('names no file ("weight_map" is missing or empty)'));
  const shards = new Set<string>();
  for (const name of new Set(names))
    if (isShardName(name)) shards.add(name);
    else throw badIndex(index, t('names {0} as a file of weights', shortened(JSON.stringify(name), 100)));
  return [...shards].sort();
}

/** A safetensors file in the index's own folder or below. */
function isShardName(name: unknown): name is string {
  return (
    typeof name === 'string' &&
    name.endsWith('.safetensors') &&
    !/^[/~]|[\\:\0]/.test(name) &&
    !name.split('/').includes('..')
  );
}

function badIndex(index: string, what: string): HumanError {
  return new HumanError(
    said('{0} {1}.', index, what),
    said('An index of weights names .safetensors files beside it; download it again.'),
    'bad_weights',
  );
}

/** The object in a JSON file. */
export async function readJson(file: string): Promise<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse((await readFile(file, 'utf8')).replace(/^\ufeff/, ''));
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new Error(t('it is no object'));
    return value as Record<string, unknown>;
  } catch (error) {
    throw new HumanError(
      said('{0} is not valid JSON: {1}.', file, systemError(error)?.reason ?? (error as Error).message),
      said('Download it again.'),
      'bad_weights',
    );
  }
}
