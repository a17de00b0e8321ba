import type { Metafile } from 'esbuild';

/** Bundles the programs named in `only` (all by default) into `outdir`; what went into each, by name. */
export function buildAll(options?: {
  outdir?: string;
  minify?: boolean;
  only?: string[];
}): Promise<Map<string, Metafile>>;
