import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HumanError } from '../../src/protocol/human-error.ts';
import type { DownloadProgress, HubOptions } from '../../src/weights/hub-request.ts';
import { openHub } from '../../src/weights/hub.ts';
import { openOnnx } from '../../src/weights/onnx-files.ts';
import { openBeside } from '../../src/weights/source.ts';
import { hashOf, startHub, type Asked, type HubServer } from './hub-server.ts';
import { useHub } from './own-hub.ts';

const fixture = join(import.meta.dirname, '../fixtures/frozen/clip');
const model = 'onnx/vision_model.onnx';
const whole = readFileSync(join(fixture, model));
const hash = hashOf(model, whole);

let home: string;
let hub: HubServer;
let said: string[];

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'tandem-hub-'));
  hub = await startHub(fixture);
  said = [];
  useHub(hub, home);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await hub.close();
  rmSync(home, { recursive: true });
});

const folder = () => join(home, 'hub/models--owner--tiny');
const part = () => join(folder(), `blobs/${hash}.incomplete`);
const pointer = () => join(folder(), 'snapshots', hub.commit, model);
const fetchModel = (options: HubOptions = {}) =>
  openHub({ say: (line) => said.push(line), retryMs: 1, ...options }).with('hf:owner/tiny', ({ get }) =>
    get(model),
  );
const ofFile = ({ path }: Asked): boolean => path.endsWith(hash);
const ranges = () =>
  hub
    .fetched()
    .filter(ofFile)
    .map(({ range }) => range);
/** A trouble for the first requests for the model's bytes. */
function firstly(...troubles: ReturnType<HubServer['trouble']>[]): void {
  hub.trouble = (asked) => (ofFile(asked) ? (troubles.shift() ?? null) : null);
}

describe('an encoder of the hub', () => {
  it('is fetched into one folder of the cache and works offline afterwards', async () => {
    const source = await openOnnx('hf:owner/tiny', 'image', 'fp32');
    const snapshot = join(folder(), 'snapshots', hub.commit);
    expect(source).toMatchObject({ name: 'hf:owner/tiny', folder: snapshot, model: 'vision_model' });
    expect(source.files).toEqual([pointer()]);
    expect(readFileSync(pointer()).equals(whole)).toBe(true);
    // Only what is needed: not the other tower, nor the same in other numbers.
    expect(readdirSync(join(snapshot, 'onnx'))).toEqual(['vision_model.onnx']);

    vi.stubEnv('HF_HUB_OFFLINE', '1');
    const before = hub.asked.length;
    expect(await openOnnx('hf:owner/tiny', 'image', 'fp32')).toEqual(source);
    await expect(openOnnx('hf:owner/tiny', 'text', null)).rejects.toThrow(
      'holds no ONNX file of a text encoder',
    );
    await expect(openOnnx('hf:owner/other', 'image', null)).rejects.toMatchObject({ code: 'hub_offline' });
    expect(hub.asked.length).toBe(before);
  });

  // What huggingface_hub wrote of the same server, by test/reference/hub_cache.py: blobs by hash, links to them from the commit's folder, a ref.
  const ofPython = JSON.parse(
    readFileSync(join(import.meta.dirname, '../fixtures/weights/python-cache.json'), 'utf8'),
  ) as Record<string, { link?: string; text?: string }>;

  it('lies in the cache as Python lays it out', async () => {
    await fetchModel();
    await openBeside('hf:owner/tiny');
    const ours = Object.fromEntries(
      listed(folder()).map((path) => {
        const file = join(folder(), path);
        if (lstatSync(file).isSymbolicLink())
          return [path, { link: readlinkSync(file).replaceAll('\\', '/') }];
        return [path, path.startsWith('refs/') ? { text: readFileSync(file, 'utf8') } : {}];
      }),
    );
    expect(ours).toEqual(ofPython);
  });

  it('that Python laid out is used', async () => {
    const contents = new Map(
      listed(fixture).map((path) => {
        const bytes = readFileSync(join(fixture, path));
        return [`blobs/${hashOf(path, bytes)}`, bytes];
      }),
    );
    for (const [path, { link, text }] of Object.entries(ofPython)) {
      const file = join(folder(), path);
      mkdirSync(dirname(file), { recursive: true });
      if (link !== undefined) symlinkSync(link, file);
      else writeFileSync(file, text ?? contents.get(path)!);
    }
    await openOnnx('hf:owner/tiny', 'image', 'fp32');
    expect(hub.fetched()).toEqual([]);
    vi.stubEnv('HF_HUB_OFFLINE', '1');
    expect((await openOnnx('hf:owner/tiny', 'image', 'fp32')).files).toEqual([pointer()]);
  });

  it('that is only previewed has its settings fetched, not its weights', async () => {
    const { config, vocabFile } = await openBeside('hf:owner/tiny');
    expect([config!['model_type'], vocabFile]).toEqual([
      'clip',
      join(dirname(dirname(pointer())), 'tokenizer.json'),
    ]);
    expect(hub.fetched().some(({ path }) => /objects|onnx/.test(path))).toBe(false);
  });

  it('is looked up once for all that is read of it', async () => {
    const one = openHub();
    await Promise.all([
      openOnnx('hf:owner/tiny', 'image', null, one),
      openOnnx('hf:owner/tiny', 'text', null, one),
      openBeside('hf:owner/tiny', one),
    ]);
    expect(hub.asked.filter(({ path }) => path.includes('/tree/')).length).toBe(1);
    const fetched = hub.fetched().map(({ path }) => path);
    expect(fetched.length).toBe(new Set(fetched).size);
  });

  it('shows how far it is', async () => {
    const seen: DownloadProgress[] = [];
    await fetchModel({ onProgress: (progress) => seen.push(progress) });
    expect(seen[0]).toEqual({ name: 'hf:owner/tiny', done: 0, total: whole.length, leftMs: null });
    expect(seen.at(-1)).toEqual({
      name: 'hf:owner/tiny',
      done: whole.length,
      total: whole.length,
      leftMs: 0,
    });
    expect(said[0]).toMatch(/^Fetching onnx\/vision_model\.onnx of hf:owner\/tiny \(.* kB\)\.$/);
  });
});

describe('a download', () => {
  it('that was cut goes on where it was', async () => {
    firstly({ cutAfter: 1000 }, { cutAfter: 500 });
    expect(readFileSync(await fetchModel()).equals(whole)).toBe(true);
    expect(ranges()).toEqual(['bytes=0-', 'bytes=1000-', 'bytes=1500-']);
    expect(existsSync(part())).toBe(false);
  });

  it('that stalls goes on where it was', async () => {
    vi.stubEnv('HF_HUB_DOWNLOAD_TIMEOUT', '0.2');
    firstly({ stallAfter: 1000 });
    expect(readFileSync(await fetchModel()).equals(whole)).toBe(true);
    expect(ranges()).toEqual(['bytes=0-', 'bytes=1000-']);
    expect(said).toContainEqual(expect.stringContaining('nothing came for 0.2 s after 1 kB'));
  });

  it('whose program was killed, or of Python’s huggingface_hub, is gone on with', async () => {
    mkdirSync(dirname(part()), { recursive: true });
    writeFileSync(part(), whole.subarray(0, 2000));
    expect(readFileSync(await fetchModel()).equals(whole)).toBe(true);
    expect(ranges()).toEqual(['bytes=2000-']);
  });

  it('starts anew where the server knows no ranges', async () => {
    firstly({ cutAfter: 1000 }, { ignoreRange: true });
    expect(readFileSync(await fetchModel()).equals(whole)).toBe(true);
  });

  it('that is spoilt is fetched anew once, then refused and leaves nothing', async () => {
    mkdirSync(dirname(part()), { recursive: true });
    writeFileSync(part(), Buffer.alloc(2000, 1));
    expect(readFileSync(await fetchModel()).equals(whole)).toBe(true);
    expect(ranges()).toEqual(['bytes=2000-', 'bytes=0-']);

    rmSync(folder(), { recursive: true });
    hub.trouble = (asked) => (ofFile(asked) ? { spoilt: true } : null);
    await expect(fetchModel()).rejects.toMatchObject({ code: 'hub_damaged' });
    expect([existsSync(part()), existsSync(pointer())]).toEqual([false, false]);
  });

  it('ends with its signal, and what has arrived stays', async () => {
    firstly({ stallAfter: 1000 });
    const stop = new AbortController();
    const reason = new Error('stop');
    const ended = fetchModel({ signal: stop.signal });
    while ((existsSync(part()) ? statSync(part()).size : 0) < 1000)
      await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort(reason);
    await expect(ended).rejects.toBe(reason);
    expect(readFileSync(part()).equals(whole.subarray(0, 1000))).toBe(true);
    await fetchModel();
    expect(ranges()).toEqual(['bytes=0-', 'bytes=1000-']);
  });

  it('of two programs at once is done by one', async () => {
    const fetched = await Promise.all([fetchModel(), fetchModel()]);
    expect(fetched).toEqual([pointer(), pointer()]);
    expect(ranges()).toEqual(['bytes=0-']);
  });

  it('gives up when nothing comes any more, and says what to do', async () => {
    hub.trouble = (asked) => (ofFile(asked) ? { cutAfter: 0 } : null);
    await expect(fetchModel()).rejects.toMatchObject({
      code: 'hub_unreachable',
      todo: expect.stringContaining('what has arrived stays') as string,
    });
    expect(ranges().length).toBe(5);
  });
});

describe('a hub that', () => {
  const refusal = async (run: Promise<unknown>): Promise<[string, string]> => {
    const error: unknown = await run.catch((one: unknown) => one);
    expect(error).toBeInstanceOf(HumanError);
    return [(error as HumanError).code, (error as HumanError).message];
  };

  it('is overloaded is asked again, after as long as it wants', async () => {
    firstly({ status: 503 }, { status: 429, headers: { 'retry-after': '1' } });
    const began = performance.now();
    expect(readFileSync(await fetchModel()).equals(whole)).toBe(true);
    expect(performance.now() - began).toBeGreaterThan(990);
    expect(ranges().length).toBe(3);
    expect(said).toContain('The hub: answer 429: no. Asked again in 1 s.');
  });

  it('stays overloaded is told', async () => {
    hub.trouble = () => ({ status: 429, headers: { 'retry-after': '0' } });
    expect(await refusal(fetchModel())).toEqual(['hub_busy', expect.stringContaining('with HF_TOKEN set')]);
    expect(hub.asked.length).toBe(5);
    // An hour is not waited for.
    hub.asked.length = 0;
    hub.trouble = () => ({ status: 429, headers: { 'retry-after': '3600' } });
    expect((await refusal(fetchModel()))[0]).toBe('hub_busy');
    expect(hub.asked.length).toBe(1);
  });

  it('cannot be reached lets the cache do, where it has the model', async () => {
    const before = await openOnnx('hf:owner/tiny', 'image', 'fp32');
    const { address } = hub;
    await hub.close();
    expect(
      await openOnnx('hf:owner/tiny', 'image', 'fp32', openHub({ say: (line) => said.push(line) })),
    ).toEqual(before);
    expect(said).toEqual([
      'The hub cannot be asked (ECONNREFUSED): hf:owner/tiny is used as the cache has it.',
    ]);
    const [code, message] = await refusal(
      openHub({ retryMs: 1 }).with('hf:owner/other', async () => undefined),
    );
    expect([code, message]).toEqual(['hub_unreachable', expect.stringContaining('ECONNREFUSED')]);
    hub = await startHub(fixture);
    expect(address).not.toBe(hub.address);
  });

  it('gives a model only to those who accepted its licence is told where', async () => {
    const headers = { 'x-error-code': 'GatedRepo' };
    hub.trouble = ({ path }) => (path.includes('/resolve/') ? { status: 401, headers } : null);
    expect(await refusal(fetchModel())).toEqual([
      'hub_gated',
      `hf:owner/tiny is given only to those who accepted its licence. Accept it at ${hub.address}/owner/tiny, then set HF_TOKEN to a token of that account, or call hf auth login.`,
    ]);
    vi.stubEnv('HF_TOKEN', 'hf_x');
    hub.trouble = ({ path }) => (path.includes('/resolve/') ? { status: 403, headers } : null);
    expect((await refusal(fetchModel()))[1]).toContain('and the account of your token has not. Accept it');
  });

  it('has no such model, or tells nobody of it, is told', async () => {
    const other = () => openHub().with('hf:owner/other', async () => undefined);
    expect(await refusal(other())).toEqual([
      'hub_not_found',
      expect.stringContaining('(answer 404: Repository not found)'),
    ]);
    hub.trouble = () => ({ status: 401, headers: { 'x-error-code': 'RepoNotFound' } });
    expect(await refusal(other())).toEqual([
      'hub_not_found',
      expect.stringContaining('for a private model set HF_TOKEN'),
    ]);
    vi.stubEnv('HF_TOKEN', 'hf_x');
    hub.trouble = () => ({ status: 401, headers: {} });
    expect(await refusal(other())).toEqual([
      'hub_not_found',
      expect.stringContaining('The hub refuses your token'),
    ]);
  });
});

describe('a token', () => {
  const tokens = () =>
    new Set(
      hub.asked.filter(({ path }) => !path.startsWith('/objects/')).map(({ authorization }) => authorization),
    );

  it('is the one of the environment, else the one that hf auth login left, and goes to the hub alone', async () => {
    writeFileSync(join(home, 'token'), 'hf_file\n');
    await fetchModel();
    expect(tokens()).toEqual(new Set(['Bearer hf_file']));
    // Large files lie elsewhere: who keeps them is told no token.
    expect(
      hub
        .fetched()
        .filter(ofFile)
        .map(({ authorization }) => authorization),
    ).toEqual([null]);

    hub.asked.length = 0;
    vi.stubEnv('HF_TOKEN', 'hf_given');
    await openHub().with('hf:owner/tiny', async () => undefined);
    expect(tokens()).toEqual(new Set(['Bearer hf_given']));
  });

  it('is not sent where it is not wanted, and nothing tells who asks', async () => {
    writeFileSync(join(home, 'token'), 'hf_file\n');
    vi.stubEnv('HF_HUB_DISABLE_IMPLICIT_TOKEN', '1');
    await fetchModel();
    expect(tokens()).toEqual(new Set([null]));
    expect(new Set(hub.asked.map(({ userAgent }) => userAgent))).toEqual(new Set(['node']));
  });
});

it('the cache is where HF_HUB_CACHE says, before HF_HOME', async () => {
  vi.stubEnv('HF_HUB_CACHE', join(home, 'elsewhere'));
  expect(await fetchModel()).toBe(join(home, 'elsewhere/models--owner--tiny/snapshots', hub.commit, model));
});

/** Paths of the files of a folder, with `/`, sorted. */
const listed = (root: string): string[] =>
  (readdirSync(root, { recursive: true }) as string[])
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !lstatSync(join(root, path)).isDirectory())
    .sort();
