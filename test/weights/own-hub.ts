import { vi } from 'vitest';
import type { HubServer } from './hub-server.ts';

const ofTheMachine = [
  'HF_TOKEN',
  'HUGGING_FACE_HUB_TOKEN',
  'HF_HUB_CACHE',
  'HUGGINGFACE_HUB_CACHE',
  'HF_TOKEN_PATH',
  'HF_HUB_OFFLINE',
  'TRANSFORMERS_OFFLINE',
];

/** Lets this test know that hub and that home alone: no token, no cache of the machine's own. `vi.unstubAllEnvs` takes it back. */
export function useHub({ address }: HubServer, home: string): void {
  for (const name of ofTheMachine) vi.stubEnv(name, '');
  vi.stubEnv('HF_ENDPOINT', address);
  vi.stubEnv('HF_HOME', home);
}
