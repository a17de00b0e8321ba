import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

// The same variables as Python's huggingface_hub reads, with the same defaults.

/** A variable of the environment; undefined where it is not set, or empty. */
const set = (name: string): string | undefined => process.env[name]?.trim() || undefined;

const isTrue = (value: string | undefined): boolean => /^(1|on|yes|true)$/i.test(value ?? '');

/** A path with its ~ and $NAME filled in. */
const expanded = (path: string): string =>
  path
    .replace(/^~(?=$|[/\\])/, homedir())
    .replace(/\$(\w+)|\$\{(\w+)\}/g, (all, bare?: string, braced?: string) => {
      return process.env[bare ?? braced!] ?? all;
    });

const home = (): string =>
  expanded(set('HF_HOME') ?? join(set('XDG_CACHE_HOME') ?? join(homedir(), '.cache'), 'huggingface'));

/** The folder that models of the hub are kept in, which other programs share. */
export const hubCacheFolder = (): string =>
  expanded(set('HF_HUB_CACHE') ?? set('HUGGINGFACE_HUB_CACHE') ?? join(home(), 'hub'));

/** Where the hub is; no slash at its end. */
export const hubAddress = (): string => (set('HF_ENDPOINT') ?? 'https://huggingface.co').replace(/\/+$/, '');

/** Whether nothing may be asked of the hub. */
export const isHubOffline = (): boolean => isTrue(set('HF_HUB_OFFLINE') ?? set('TRANSFORMERS_OFFLINE'));

/** The person's token: of the environment, else the one that `hf auth login` left; null: there is none. */
export async function hubToken(): Promise<string | null> {
  const given = set('HF_TOKEN') ?? set('HUGGING_FACE_HUB_TOKEN');
  if (given !== undefined || isTrue(set('HF_HUB_DISABLE_IMPLICIT_TOKEN'))) return given ?? null;
  const file = expanded(set('HF_TOKEN_PATH') ?? join(home(), 'token'));
  const written = await readFile(file, 'utf8').catch(() => ''); // who has none is nobody
  return written.trim() || null;
}

/** For how long the hub may be silent: before its first byte, and between two. */
export const hubSilenceMs = (): number => 1000 * (Number(set('HF_HUB_DOWNLOAD_TIMEOUT')) || 10);
