import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from '../text/system-errors.ts';
import { hubSilenceMs } from './hub-settings.ts';
import { t } from '../text/say.ts';

/** What is asked of whoever works with the hub. */
export interface HubOptions {
  /** Ends a download; what has arrived stays, and the next one goes on from there. */
  signal?: AbortSignal;
  /** How far it is, at most twice a second. */
  onProgress?: (progress: DownloadProgress) => void;
  /** Takes a line for the log. */
  say?: (line: string) => void;
  /** The first wait before something is tried again; each is twice as long as the one before. */
  retryMs?: number;
}

export interface DownloadProgress {
  /** `hf:owner/name` */
  name: string;
  /** Bytes, of all files that were begun. */
  done: number;
  total: number;
  /** null: not known yet. */
  leftMs: number | null;
}

/** An answer of the hub that is none of what was asked for. */
export class HubRefusal extends Error {
  constructor(
    readonly status: number,
    /** The hub's own word for it, e.g. `GatedRepo`; empty where it said none. */
    readonly reason: string,
    /** A sentence of the hub; may be empty. */
    readonly text: string,
  ) {
    super(t('answer {0}{1}', status, text ? t(': {0}', text) : ''));
  }
}

/** How often one thing is tried while nothing of it arrives. */
export const attempts = 5;
/** A hub that wants longer than this is not waited for: its limits are counted over 5 minutes. */
const longestWaitMs = 310_000;

const passes = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * Asks the hub for something, again after a while where it is overloaded, asks to wait or cannot be reached. Any other answer than the
 * one wanted is a `HubRefusal`. Only the beginning of the answer is waited for.
 */
export async function askHub(
  url: string | URL,
  init: RequestInit,
  { signal, say, retryMs = 1000 }: HubOptions,
  tries = attempts,
): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const silence = silenceLimit(signal);
    let waitMs = retryMs * 2 ** (attempt - 1);
    let failure: unknown;
    try {
      const response = await fetch(url, { ...init, signal: silence.signal });
      if (response.ok) return response;
      failure = await refusalOf(response);
      if (!passes.has(response.status)) throw failure;
      waitMs = waitAskedFor(response) ?? waitMs;
    } catch (error) {
      signal?.throwIfAborted();
      if (error === failure) throw error;
      failure = error;
    } finally {
      silence.end();
    }
    if (attempt >= tries || waitMs > longestWaitMs) throw failure;
    say?.(t('The hub: {0}. Asked again in {1} s.', inShort(failure), Math.ceil(waitMs / 1000)));
    await sleep(waitMs, undefined, { signal });
  }
}

/** The whole of a short answer; a body that stops to come is tried again as a request is. */
export async function askHubWhole(
  url: string | URL,
  init: RequestInit,
  options: HubOptions,
  tries = attempts,
): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const response = await askHub(url, init, options, tries);
    try {
      const parts: Uint8Array[] = [];
      for await (const part of bytesOf(response, options.signal)) parts.push(part);
      return new Response(Buffer.concat(parts), { status: response.status, headers: response.headers });
    } catch (error) {
      options.signal?.throwIfAborted();
      if (attempt >= tries) throw error;
    }
  }
}

/** The bytes of an answer as they come. Throws when it is cut, when nothing comes for too long, or when the signal says stop. */
export async function* bytesOf(response: Response, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  if (!response.body) return;
  const reader = response.body.getReader();
  try {
    for (;;) {
      const silence = silenceLimit(signal);
      try {
        const { done, value } = await Promise.race([reader.read(), silence.exceeded]);
        if (done) return;
        yield value;
      } finally {
        silence.end();
      }
    }
  } finally {
    reader.cancel().catch(() => undefined); // it was cut already
  }
}

/** Rejects and aborts when the hub has said nothing for too long, or the signal says stop. */
function silenceLimit(signal: AbortSignal | undefined) {
  const limitMs = hubSilenceMs();
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new Error(t('nothing came for {0} s', limitMs / 1000))),
    limitMs,
  );
  const stop = (): void => controller.abort(signal!.reason);
  if (signal?.aborted) stop();
  else signal?.addEventListener('abort', stop, { once: true });
  const exceeded = new Promise<never>((_, reject) => {
    const fail = (): void => reject(controller.signal.reason as Error);
    if (controller.signal.aborted) fail();
    else controller.signal.addEventListener('abort', fail, { once: true });
  });
  exceeded.catch(() => undefined); // not always waited for
  return {
    signal: controller.signal,
    exceeded,
    end() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
    },
  };
}

async function refusalOf(response: Response): Promise<HubRefusal> {
  const body = await response.text().catch(() => '');
  let text = response.headers.get('x-error-message') ?? '';
  try {
    text ||= String((JSON.parse(body) as { error?: unknown }).error ?? '');
  } catch {
    // a page for people
  }
  return new HubRefusal(response.status, response.headers.get('x-error-code') ?? '', text.slice(0, 300));
}

/** Seconds, or a date. */
function waitAskedFor(response: Response): number | null {
  const written = response.headers.get('retry-after');
  if (!written) return null;
  const ms = /^\d+$/.test(written) ? Number(written) * 1000 : Date.parse(written) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}

/** What went wrong, as a part of a sentence. `fetch failed` alone says nothing: its cause does. */
export function inShort(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause : error;
  return (errorCode(cause) || cause.message).replace(/\.$/, '');
}
