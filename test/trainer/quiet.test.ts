import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRunFile } from '../../src/store/run-folder.ts';
import { buildPrograms, programs, root } from '../launcher/programs.ts';
import { smallProject, type SmallProject } from './small-run.ts';

// Nothing leaves the machine: programs run in an environment that turns nothing off, with empty folders for a user's files and temporary
// ones, and a proxy on this machine, through which a native library's requests would go without a look-up of their host.

let project: SmallProject;
let proxy: Server;
let requests = 0;
beforeAll(async () => {
  await buildPrograms();
  project = await smallProject();
  proxy = createServer((socket) => {
    requests++;
    socket.on('error', () => {}).destroy();
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  proxy.close();
  await project.remove();
});

interface Traces {
  /** Requests to the proxy. */
  requests: number;
  /** Connections and look-ups by Node. */
  network: string[];
  /** Files that were left in the user's and the temporary folder. */
  files: string[];
}

async function tracesOf(name: string, args: string[]): Promise<Traces> {
  const folder = join(project.folder, name);
  const home = join(folder, 'home');
  mkdirSync(home, { recursive: true });
  const watched = join(folder, 'network');
  const { port } = proxy.address() as AddressInfo;
  const address = `http://127.0.0.1:${port}`;
  const proxies = ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'];
  const places = ['HOME', 'USERPROFILE', 'LOCALAPPDATA', 'TMPDIR', 'TEMP', 'TMP', 'XDG_CACHE_HOME'];
  const before = requests;
  const preload = pathToFileURL(join(root, 'test/trainer/quiet/watch-network.mjs')).href;
  await promisify(execFile)(process.execPath, ['--import', preload, ...args], {
    cwd: root,
    env: {
      PATH: process.env['PATH'],
      SystemRoot: process.env['SystemRoot'],
      WATCHED_NETWORK: watched,
      ...Object.fromEntries(proxies.map((key) => [key, address])),
      ...Object.fromEntries(places.map((key) => [key, home])),
    },
  });
  return {
    requests: requests - before,
    network: existsSync(watched) ? readFileSync(watched, 'utf8').trim().split('\n') : [],
    files: readdirSync(home, { recursive: true }).map(String),
  };
}

const nothing: Traces = { requests: 0, network: [], files: [] };

describe('a training', () => {
  it('asks nobody anything and leaves no file outside of its folder', async () => {
    const dir = await project.createRun(project.config());
    expect(await tracesOf('training', [programs.trainer, dir])).toEqual(nothing);
    expect(await readRunFile(dir)).toMatchObject({ status: 'finished', engine: { name: 'onnx' } });
  });

  it('nor with encoders of others, which transformers.js runs', async () => {
    const clip = {
      name: 'auto',
      weights: join(root, 'test/fixtures/frozen/clip'),
      dtype: null,
      train: 'frozen',
    } as const;
    const dir = await project.createRun(
      project.config((config) => {
        Object.assign(config.model.image_encoder, clip);
        Object.assign(config.model.text_encoder, clip);
      }),
    );
    expect(await tracesOf('exported', [programs.trainer, dir])).toEqual(nothing);
    expect(await readRunFile(dir)).toMatchObject({ status: 'finished', reason: null });
  });

  it('nor does the list of engines', async () => {
    expect(await tracesOf('engines', [programs.trainer, '--engines'])).toEqual(nothing);
  });
});

// What these tests would miss without: that the library's reports look otherwise by now. Its builds for Linux report by themselves.
it.runIf(process.platform === 'linux')('the library alone leaves what is looked for', async () => {
  const load = `const { binding, initOrt } = require('onnxruntime-node/dist/binding.js'); initOrt(); new binding.InferenceSession();`;
  const { files } = await tracesOf('library', ['--eval', load]);
  expect(files).not.toEqual([]);
});
