import type { PairsConfig } from '../../src/data/pairs.ts';

/** The settings of `data` that reading pairs needs, at their defaults. */
export function pairsConfig(pairs: string, settings: Partial<PairsConfig> = {}): PairsConfig {
  return {
    pairs,
    format: null,
    image_column: 'image',
    caption_column: 'caption',
    delimiter: null,
    image_root: '',
    split_by: 'image',
    ...settings,
  };
}
