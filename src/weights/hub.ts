import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HumanError } from '../protocol/human-error.ts';

/** A model of the Hugging Face hub. */
export interface HubModel {
  /** Paths of its files, those in folders too. */
  files: ReadonlySet<string>;
  /** Fetches a file into the hub's usual cache, unless it is there, and gives its place. */
  get: (path: string) => Promise<string>;
}

/** Works with a model of the hub; what the hub answers instead is a HumanError. */
export async function withHub<Result>(
  name: string,
  work: (model: HubModel) => Promise<Result>,
): Promise<Result> {
  const repo = name.slice('hf:'.length);
  if (!/^[\w.-]+\/[\w.-]+$/.test(repo))
    throw new HumanError(
      `"${name}" is no hub id.`,
      'Write hf:owner/name, e.g. hf:google-bert/bert-base-uncased.',
      'bad_hub_id',
    );
  try {
    return await work(isOffline() ? await keptModel(name, repo) : await liveModel(repo));
  } catch (error) {
    if (error instanceof HumanError) throw error;
    throw hubError(name, error);
  }
}

/** As Python's huggingface_hub reads it. */
const isOffline = (): boolean =>
  /^(1|on|yes|true)$/i.test(process.env['HF_HUB_OFFLINE'] ?? process.env['TRANSFORMERS_OFFLINE'] ?? '');

/** Its files as they are at the hub now: all of one commit, which the cache has one folder for, as Python's huggingface_hub lays it out. */
async function liveModel(repo: string): Promise<HubModel> {
  const { downloadFileToCacheDir, listFiles, modelInfo } = await import('@huggingface/hub');
  const accessToken = process.env['HF_TOKEN'];
  const hubUrl = process.env['HF_ENDPOINT'];
  const access = { ...(accessToken ? { accessToken } : {}), ...(hubUrl ? { hubUrl } : {}) };
  const { sha: revision } = await modelInfo({ name: repo, additionalFields: ['sha'], ...access });
  const files = new Set<string>();
  for await (const { path, type } of listFiles({ repo, revision, recursive: true, ...access }))
    if (type === 'file') files.add(path);
  const { ref } = await placesOf(repo);
  await mkdir(dirname(ref), { recursive: true });
  await writeFile(ref, revision);
  return { files, get: (path) => downloadFileToCacheDir({ repo, revision, path, ...access }) };
}

/** Its files as the cache has them from an earlier time, for work without a network. */
async function keptModel(name: string, repo: string): Promise<HubModel> {
  const { ref, snapshots } = await placesOf(repo);
  const missing = (what: string): HumanError =>
    new HumanError(
      `${name} is wanted without the hub (HF_HUB_OFFLINE), and the cache has no ${what}.`,
      'Fetch it once with HF_HUB_OFFLINE unset, or name a folder in weights.',
      'hub_offline',
    );
  const revision = await readFile(ref, 'utf8').catch(() => {
    throw missing('model of that name');
  });
  const folder = join(snapshots, revision.trim());
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  const files = new Set(entries.map((path) => path.replaceAll('\\', '/')));
  return {
    files,
    async get(path) {
      if (!files.has(path)) throw missing(path);
      return join(folder, path);
    },
  };
}

/** Where the cache names the newest commit of a model, and has folders for each. */
async function placesOf(repo: string): Promise<{ ref: string; snapshots: string }> {
  const { getHFHubCachePath, getRepoFolderName } = await import('@huggingface/hub');
  const folder = join(getHFHubCachePath(), getRepoFolderName({ type: 'model', name: repo }));
  return { ref: join(folder, 'refs', 'main'), snapshots: join(folder, 'snapshots') };
}

function hubError(name: string, error: unknown): HumanError {
  const { statusCode, cause, message } = error as {
    statusCode?: number;
    cause?: { code?: string; message?: string };
    message: string;
  };
  if (statusCode === 404 || statusCode === 401 || statusCode === 403)
    return new HumanError(
      `The hub has no model ${name} that may be read here (answer ${statusCode}).`,
      'Check owner and name; for a private or gated model set HF_TOKEN.',
      'hub_not_found',
    );
  return new HumanError(
    `${name} could not be fetched from the hub: ${cause?.code ?? cause?.message ?? message}.`,
    'Check the connection, or download the model elsewhere and name its folder in weights.',
    'hub_unreachable',
  );
}
