import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openOnnx } from '../../src/weights/onnx-files.ts';

// A server on this machine that speaks what is needed of the hub's API, and serves a model of test/fixtures/frozen.
const fixture = join(import.meta.dirname, '../fixtures/frozen/clip');
const commit = 'c0ffee'.padEnd(40, '0');
const paths = readdirSync(fixture, { recursive: true })
  .map((path) => String(path).replaceAll('\\', '/'))
  .filter((path) => /\.\w+$/.test(path));
const oidOf = (path: string): string =>
  createHash('sha1')
    .update(readFileSync(join(fixture, path)))
    .digest('hex');

let cache: string;
let server: Server;
let asked: string[] = [];
let refusal: number | null = null;

beforeEach(async () => {
  cache = mkdtempSync(join(tmpdir(), 'tandem-hub-'));
  asked = [];
  refusal = null;
  server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://hub');
    asked.push(`${request.method} ${url.pathname}`);
    const json = (value: unknown): void => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
    };
    if (refusal !== null)
      response.writeHead(refusal, { 'content-type': 'application/json' }).end('{"error":"no"}');
    else if (url.pathname.includes('/tree/'))
      json(
        paths.map((path) => ({
          type: 'file',
          path,
          size: readFileSync(join(fixture, path)).length,
          oid: oidOf(path),
        })),
      );
    else if (url.pathname.includes('/paths-info/')) {
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString()));
      request.on('end', () => {
        const wanted = body.startsWith('{')
          ? (JSON.parse(body) as { paths: string[] }).paths
          : new URLSearchParams(body).getAll('paths');
        json(
          wanted.map((path) => ({
            type: 'file',
            path,
            size: readFileSync(join(fixture, path)).length,
            oid: oidOf(path),
            // The files of a model were last changed by different commits.
            lastCommit: { id: oidOf(path), title: 'x', date: '2026-01-01T00:00:00.000Z' },
          })),
        );
      });
    } else if (url.pathname.startsWith('/api/models/owner/tiny'))
      json({
        _id: '1',
        id: 'owner/tiny',
        modelId: 'owner/tiny',
        sha: commit,
        private: false,
        gated: false,
        downloads: 0,
        likes: 0,
        lastModified: '2026-01-01T00:00:00.000Z',
      });
    else {
      const path = decodeURIComponent(url.pathname.split(`/resolve/${commit}/`)[1] ?? '');
      const bytes = readFileSync(join(fixture, path));
      const range = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '');
      const part = range ? bytes.subarray(Number(range[1]), Number(range[2]) + 1) : bytes;
      response.writeHead(range ? 206 : 200, {
        etag: `"${oidOf(path)}"`,
        'content-length': part.length,
        ...(range && {
          'content-range': `bytes ${range[1]}-${Number(range[1]) + part.length - 1}/${bytes.length}`,
        }),
        'x-repo-commit': commit,
      });
      response.end(request.method === 'HEAD' ? undefined : part);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  vi.stubEnv('HF_ENDPOINT', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv('HF_HUB_CACHE', cache);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(cache, { recursive: true });
});

it('an exported encoder is fetched into one folder of the cache, as Python lays it out, and works offline afterwards', async () => {
  const source = await openOnnx('hf:owner/tiny', 'image', 'fp32');
  const folder = join(cache, 'models--owner--tiny');
  expect(source).toMatchObject({
    name: 'hf:owner/tiny',
    folder: join(folder, 'snapshots', commit),
    model: 'vision_model',
  });
  expect(readFileSync(join(folder, 'refs/main'), 'utf8')).toBe(commit);
  expect(source.files).toEqual([join(folder, 'snapshots', commit, 'onnx/vision_model.onnx')]);
  expect(readFileSync(source.files[0]!).equals(readFileSync(join(fixture, 'onnx/vision_model.onnx')))).toBe(
    true,
  );
  // Only what is needed: not the other tower, nor the same in other numbers.
  expect(readdirSync(join(folder, 'snapshots', commit, 'onnx'))).toEqual(['vision_model.onnx']);

  vi.stubEnv('HF_HUB_OFFLINE', '1');
  const before = asked.length;
  expect(await openOnnx('hf:owner/tiny', 'image', 'fp32')).toEqual(source);
  await expect(openOnnx('hf:owner/tiny', 'text', null)).rejects.toThrow(
    'holds no ONNX file of a text encoder',
  );
  await expect(openOnnx('hf:owner/other', 'image', null)).rejects.toMatchObject({ code: 'hub_offline' });
  expect(asked.length).toBe(before);
});

it.each([
  [401, 'hub_not_found'],
  [404, 'hub_not_found'],
  [429, 'hub_unreachable'],
])('a hub that answers %i is told', async (status, code) => {
  refusal = status;
  await expect(openOnnx('hf:owner/tiny', 'image', null)).rejects.toMatchObject({ code });
});
