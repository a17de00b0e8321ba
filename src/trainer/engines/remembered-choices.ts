import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { arch, cpus, hostname } from 'node:os';
import { join } from 'node:path';
import { makeFolder, writeAside } from '../../store/files.ts';
import { cacheFolder } from '../machine/user-folders.ts';
import type { ProviderTiming } from './provider-timing.ts';

/** What was measured for a model's sizes on this machine. */
export interface RememberedChoice {
  /** Unix ms. */
  time: number;
  /** The model and its batch, for people: `resnet50 and bert-base-uncased at batch 64`. */
  about: string;
  timings: ProviderTiming[];
}

/** Entries that are kept, the latest. */
const kept = 200;

/** That a provider did not work is asked anew after a day: a driver may have been installed. */
const failureHoldsMs = 24 * 3600_000;

const file = (): string => join(cacheFolder(), 'provider-timings.json');

/** `parts` is all that a figure depends on; machines may share a home folder. */
export const choiceKey = (parts: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify([hostname(), arch(), cpus()[0]?.model, cpus().length, parts]))
    .digest('hex')
    .slice(0, 32);

/** null when it has not been measured, or must be again. */
export async function rememberedChoice(key: string, now = Date.now()): Promise<RememberedChoice | null> {
  const choice = (await readAll())[key];
  if (!choice) return null;
  const hasFailure = choice.timings.some(({ provider, step_ms }) => provider !== 'cpu' && step_ms === null);
  return hasFailure && now - choice.time > failureHoldsMs ? null : choice;
}

/** The last of all, on whatever machine shares the folder with this one; null when nothing has been measured. */
export async function lastChoice(): Promise<RememberedChoice | null> {
  return Object.values(await readAll()).reduce<RememberedChoice | null>(
    (last, choice) => (last && last.time >= choice.time ? last : choice),
    null,
  );
}

export async function rememberChoice(key: string, choice: RememberedChoice): Promise<void> {
  const all = Object.entries({ ...(await readAll()), [key]: choice });
  const latest = all.sort(([, a], [, b]) => b.time - a.time).slice(0, kept);
  await makeFolder(cacheFolder());
  await writeAside(file(), `${JSON.stringify(Object.fromEntries(latest), null, 1)}\n`);
}

/** A file that cannot be read is one in which nothing is remembered. */
async function readAll(): Promise<Record<string, RememberedChoice>> {
  try {
    const found = JSON.parse(await readFile(file(), 'utf8')) as Record<string, unknown>;
    return Object.fromEntries(
      Object.entries(found).filter((entry): entry is [string, RememberedChoice] => isChoice(entry[1])),
    );
  } catch {
    return {};
  }
}

function isChoice(value: unknown): value is RememberedChoice {
  const { time, about, timings } = (value ?? {}) as Partial<RememberedChoice>;
  return (
    typeof time === 'number' &&
    typeof about === 'string' &&
    Array.isArray(timings) &&
    timings.every(
      (timing: Partial<ProviderTiming> | null) =>
        typeof timing?.provider === 'string' &&
        typeof timing.device === 'string' &&
        (timing.step_ms === null || typeof timing.step_ms === 'number'),
    )
  );
}
