import type { SessionSettings } from '../session.ts';
import { blockSize } from './block-size.ts';

/** What a provider's operators can do on this machine. */
export interface Abilities {
  /** Channels in a block of the blocked layout; null without it. */
  block: number | null;
  /** Pooling tells where each window's maximum is. */
  hasMaxPlaces: boolean;
  /** Products of matrices, of which one is transposed, in one operator. */
  hasFusedMatMul: boolean;
  /** A product's second factor is copied at each run: see few-rows.ts. */
  copiesFactors: boolean;
  /** Sin, Cos and Tan are right to single precision. */
  hasSines: boolean;
}

export const abilitiesOf = (settings: SessionSettings): Abilities => ({
  block: blockSize(settings),
  hasMaxPlaces: settings.provider !== 'webgpu',
  hasFusedMatMul: settings.provider !== 'webgpu',
  copiesFactors: settings.provider === 'cpu',
  hasSines: settings.provider !== 'webgpu',
});
