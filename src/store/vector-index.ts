import { HumanError } from '../protocol/human-error.ts';
import { makeFolder } from './files.ts';
import { layout } from './layout.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';
import type { Tensors } from './tensors.ts';
import { dirname } from 'node:path';

/** Vectors of many things and what is known of each: one file, so that they always belong together. */
export interface VectorIndex<Facts> {
  /** [count, dim] and whatever else there is a row of per thing. */
  tensors: Tensors;
  facts: Facts;
}

/** Raised when a file of an earlier version means something else. */
const version = '1';

/**
 * The index of that name beside a run, made with the same model; null when there is none, or one that cannot be used (another checkpoint,
 * another version, damaged): it is made again.
 */
export async function readVectorIndex<Facts>(
  dir: string,
  name: string,
  step: number,
): Promise<VectorIndex<Facts> | null> {
  try {
    const { tensors, metadata } = await readSafetensors(layout.index(dir, name));
    if (metadata['version'] !== version || metadata['step'] !== String(step)) return null;
    const { facts, ...rest } = tensors;
    if (!(facts?.data instanceof Uint8Array)) return null;
    return { tensors: rest, facts: JSON.parse(Buffer.from(facts.data).toString('utf8')) as Facts };
  } catch (error) {
    if (error instanceof HumanError && ['not_found', 'broken_file'].includes(error.code)) return null;
    throw error;
  }
}

/** Replaces the index of that name; a kill leaves the old or the new one. */
export async function writeVectorIndex<Facts>(
  dir: string,
  name: string,
  step: number,
  { tensors, facts }: VectorIndex<Facts>,
): Promise<void> {
  const file = layout.index(dir, name);
  const text = new Uint8Array(Buffer.from(JSON.stringify(facts)));
  await makeFolder(dirname(file));
  await writeSafetensors(
    file,
    { ...tensors, facts: { dtype: 'U8', shape: [text.length], data: text } },
    { version, step: String(step) },
  );
}
