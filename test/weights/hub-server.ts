import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** What a request was, as tests look at it. */
export interface Asked {
  method: string;
  /** Without what comes after `?`. */
  path: string;
  range: string | null;
  authorization: string | null;
  userAgent: string | null;
}

/** What a server does in place of the usual; `null`: the usual. */
export type Trouble =
  | { status: number; headers?: Record<string, string>; body?: string }
  /** The connection ends after so many bytes of the file. */
  | { cutAfter: number }
  /** Nothing more comes after so many bytes of the file. */
  | { stallAfter: number }
  /** Other bytes than the file's. */
  | { spoilt: true }
  | { ignoreRange: true }
  | null;

/** A server on this machine that speaks what is needed of the hub's API, with large files at an address of its own as the hub has them. */
export interface HubServer {
  address: string;
  commit: string;
  asked: Asked[];
  /** Requests for files' bytes. */
  fetched(): Asked[];
  trouble: (asked: Asked) => Trouble;
  close(): Promise<void>;
}

/** Files that the hub keeps as LFS objects: named by their sha256, and given from elsewhere. */
const isLarge = (path: string): boolean => /\.(onnx|safetensors|bin)$/.test(path);

export function hashOf(path: string, bytes: Buffer): string {
  if (isLarge(path)) return createHash('sha256').update(bytes).digest('hex');
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

/** Serves one model, `owner/tiny`, from a folder. */
export async function startHub(folder: string, commit = 'c0ffee'.padEnd(40, '0')): Promise<HubServer> {
  const paths = (readdirSync(folder, { recursive: true }) as string[])
    .filter((path) => statSync(join(folder, path)).isFile())
    .map((path) => path.replaceAll('\\', '/'));
  const hub: Omit<HubServer, 'address' | 'close'> = {
    commit,
    asked: [],
    fetched: () => hub.asked.filter(({ method, path }) => method === 'GET' && !path.startsWith('/api/')),
    trouble: () => null,
  };

  const note = (request: IncomingMessage): Asked => {
    const { authorization = null, range = null, 'user-agent': userAgent = null } = request.headers;
    const { pathname } = new URL(request.url!, 'http://hub');
    const asked = { method: request.method!, path: pathname, range, authorization, userAgent };
    hub.asked.push(asked);
    return asked;
  };
  const isRefused = (trouble: Trouble, response: ServerResponse): boolean => {
    if (!trouble || !('status' in trouble)) return false;
    response.writeHead(trouble.status, { 'content-type': 'application/json', ...trouble.headers });
    response.end(trouble.body ?? '{"error":"no"}');
    return true;
  };

  const cdn = createServer((request, response) => {
    const asked = note(request);
    const trouble = hub.trouble(asked);
    const path = paths.find((one) => asked.path.endsWith(hashOf(one, readFileSync(join(folder, one)))))!;
    if (!isRefused(trouble, response)) send(response, asked, readFileSync(join(folder, path)), {}, trouble);
  });
  const elsewhere = await listening(cdn);

  const api = createServer((request, response) => {
    const asked = note(request);
    const trouble = hub.trouble(asked);
    if (isRefused(trouble, response)) return;
    const json = (value: unknown): void => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
    };
    if (asked.path.startsWith(`/api/models/owner/tiny/tree/${commit}`))
      return json(
        paths.map((path) => {
          const bytes = readFileSync(join(folder, path));
          const oid = hashOf(path, bytes);
          const lfs = { oid, size: bytes.length, pointerSize: 130 };
          return {
            type: 'file',
            path,
            size: bytes.length,
            oid,
            ...(isLarge(path) && { oid: 'f'.repeat(40), lfs }),
          };
        }),
      );
    if (asked.path.startsWith('/api/models/owner/tiny/'))
      return json({
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
    const [, path] = /^\/owner\/tiny\/resolve\/[^/]+\/(.+)$/.exec(decodeURIComponent(asked.path)) ?? [];
    if (path === undefined || !paths.includes(path)) {
      const reason = path === undefined ? 'RepoNotFound' : 'EntryNotFound';
      const headers = {
        'x-error-code': reason,
        'x-error-message': 'Repository not found',
        'x-repo-commit': commit,
      };
      response.writeHead(404, headers).end();
      return;
    }
    const bytes = readFileSync(join(folder, path));
    const etag = `"${hashOf(path, bytes)}"`;
    if (!isLarge(path)) return send(response, asked, bytes, { etag, 'x-repo-commit': commit }, trouble);
    response.writeHead(302, {
      location: `${elsewhere}/objects/${hashOf(path, bytes)}`,
      'x-linked-etag': etag,
      'x-linked-size': bytes.length,
      'x-repo-commit': commit,
    });
    response.end();
  });
  const address = await listening(api);
  return Object.assign(hub, {
    address,
    close: async () => {
      for (const server of [api, cdn]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  });
}

function send(
  response: ServerResponse,
  { method, range }: Asked,
  whole: Buffer,
  headers: Record<string, string>,
  trouble: Trouble,
): void {
  const bytes = trouble && 'spoilt' in trouble ? Buffer.alloc(whole.length, 7) : whole;
  const start =
    range && !(trouble && 'ignoreRange' in trouble) ? Number(/^bytes=(\d+)-/.exec(range)![1]) : null;
  const part = bytes.subarray(start ?? 0);
  response.writeHead(start === null ? 200 : 206, {
    ...headers,
    'content-length': part.length,
    ...(start !== null && { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` }),
  });
  if (method === 'HEAD') response.end();
  else if (trouble && 'cutAfter' in trouble)
    response.write(part.subarray(0, trouble.cutAfter), () => response.destroy());
  else if (trouble && 'stallAfter' in trouble) response.write(part.subarray(0, trouble.stallAfter));
  else response.end(part);
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
