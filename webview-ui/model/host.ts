import { signal } from '@preact/signals';
import type { FromPanel, PanelRequest } from '../../src/protocol/panel.ts';

interface VsCodeApi {
  postMessage(message: FromPanel): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

const api = acquireVsCodeApi();

export const tell = (message: FromPanel): void => api.postMessage(message);
export const keptState = (): unknown => api.getState();
export const keepState = (state: unknown): void => api.setState(state);

/** Failures to be read and dismissed. */
export const failures = signal<string[]>([]);

const fail = (message: string): void => {
  if (!failures.value.includes(message)) failures.value = [...failures.value, message];
};

/** What the panel has waited for longer than ten seconds, in words. */
export const waitingFor = signal<string[]>([]);

const open = new Map<number, (reply: HostReply) => void>();
let lastId = 0;

export interface HostReply {
  /** In words; null when all went well. */
  error: string | null;
  value?: unknown;
}

/** Asks the host; the caller shows what comes of it. */
export function askFor(request: PanelRequest): Promise<HostReply> {
  const id = ++lastId;
  return new Promise((resolve) => {
    open.set(id, resolve);
    api.postMessage({ ...request, id });
  });
}

/** Asks the host; true once it is done. A failure is shown, never thrown; a slow answer is named after ten seconds. */
export function ask(request: PanelRequest, inWords: string): Promise<boolean> {
  const slow = setTimeout(() => (waitingFor.value = [...waitingFor.value, inWords]), 10_000);
  return askFor(request).then(({ error }) => {
    clearTimeout(slow);
    waitingFor.value = waitingFor.value.filter((other) => other !== inWords);
    if (error !== null) fail(error);
    return error === null;
  });
}

export function answered(id: number, reply: HostReply): void {
  open.get(id)?.(reply);
  open.delete(id);
}
