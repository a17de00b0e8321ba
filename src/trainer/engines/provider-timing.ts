import type { Provider } from '../../onnx-backend/session.ts';

/** How long a provider takes for a step of a model. */
export interface ProviderTiming {
  provider: Provider;
  device: string;
  /** Milliseconds; null where there is no figure. */
  step_ms: number | null;
  /** Why there is none; null where there is one. */
  reason: string | null;
}
