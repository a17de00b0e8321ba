import { existsSync } from 'node:fs';
import pLimit from 'p-limit';
import { HumanError } from '../protocol/human-error.ts';
import { modelFolder } from './hub-cache.ts';
import { hubError, isPassing, notKept } from './hub-errors.ts';
import { fetchFile, type HubFile } from './hub-file.ts';
import { hubMeter } from './hub-meter.ts';
import { askHubWhole, attempts, inShort, type HubOptions } from './hub-request.ts';
import { hubAddress, hubToken, isHubOffline } from './hub-settings.ts';
import { said, t } from '../text/say.ts';

/** A model of the Hugging Face hub. */
export interface HubModel {
  /** Paths of its files, those in folders too. */
  files: ReadonlySet<string>;
  /** Fetches a file into the hub's usual cache, unless it is there, and gives its place. */
  get: (path: string) => Promise<string>;
}

/** Models of the hub: each is looked up once, so that all that is read of it is of one commit. */
export interface Hub {
  /** Works with a model; what the hub answers instead is a HumanError. */
  with<Result>(name: string, work: (model: HubModel) => Promise<Result>): Promise<Result>;
}

/** Files that are fetched at once. */
const filesAtOnce = 4;

export function openHub(options: HubOptions = {}): Hub {
  const models = new Map<string, Promise<HubModel>>();
  return {
    async with(name, work) {
      const repo = name.slice('hf:'.length);
      if (!/^[\w.-]+\/[\w.-]+$/.test(repo) || /^\.+$|^\.+\/|\/\.+$/.test(repo))
        throw new HumanError(
          said('"{0}" is no hub id.', name),
          said('Write hf:owner/name, e.g. hf:google-bert/bert-base-uncased.'),
          'bad_hub_id',
        );
      let model = models.get(repo);
      if (!model) models.set(repo, (model = openModel(name, repo, options)));
      try {
        return await work(await model);
      } catch (error) {
        models.delete(repo);
        options.signal?.throwIfAborted();
        if (error instanceof HumanError) throw error;
        throw await hubError(name, error);
      }
    },
  };
}

/** As it is at the hub now; as the cache has it where nothing may be asked, or the hub cannot be reached. */
async function openModel(name: string, repo: string, options: HubOptions): Promise<HubModel> {
  const kept = await keptModel(name, repo);
  if (isHubOffline()) {
    if (kept) return kept;
    throw notKept(name, t('model of that name'));
  }
  try {
    return await liveModel(name, repo, kept ? 1 : attempts, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!kept || !isPassing(error)) throw error;
    options.say?.(t('The hub cannot be asked ({0}): {1} is used as the cache has it.', inShort(error), name));
    return kept;
  }
}

/** Its files as they are at the hub now: all of one commit. */
async function liveModel(name: string, repo: string, tries: number, options: HubOptions): Promise<HubModel> {
  const { listFiles, modelInfo } = await import('@huggingface/hub');
  const token = await hubToken();
  const hubUrl = hubAddress();
  const ask: typeof fetch = (url, init) => askHubWhole(url as string | URL, init ?? {}, options, tries);
  const access = { ...(token ? { accessToken: token } : {}), hubUrl, fetch: ask };
  const { sha: commit } = await modelInfo({
    name: repo,
    additionalFields: ['sha'],
    revision: 'main',
    ...access,
  });
  const files = new Map<string, HubFile>();
  for await (const { path, type, size, oid, lfs } of listFiles({
    repo,
    revision: commit,
    recursive: true,
    ...access,
  }))
    if (type === 'file' && isInside(path)) {
      const url = `${hubUrl}/${repo}/resolve/${commit}/${path.split('/').map(encodeURIComponent).join('/')}`;
      files.set(path, { path, url, size: lfs?.size ?? size, hash: lfs?.oid ?? oid! });
    }
  const folder = modelFolder(repo);
  await folder.setNewest(commit);
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  const limit = pLimit(filesAtOnce);
  const meter = hubMeter(name, options);
  return {
    files: new Set(files.keys()),
    async get(path) {
      const pointer = folder.pointer(commit, path);
      if (existsSync(pointer)) return pointer;
      const file = files.get(path)!;
      const progress = meter.file(file);
      return limit(() => fetchFile(folder, commit, file, headers, options, progress));
    },
  };
}

/** Its files as the cache has them from an earlier time; null when there is none. */
async function keptModel(name: string, repo: string): Promise<HubModel | null> {
  const folder = modelFolder(repo);
  const kept = await folder.kept();
  if (!kept) return null;
  return {
    files: kept.files,
    async get(path) {
      if (!kept.files.has(path)) throw notKept(name, path);
      return folder.pointer(kept.commit, path);
    },
  };
}

/** A path of a repository that stays in its folder, on every system. */
const isInside = (path: string): boolean =>
  !/^[/~]|[\\:\0]/.test(path) &&
  !path.split('/').some((part) => part === '..' || part === '.' || part === '');
