import type { Plugin as EsbuildPlugin } from 'esbuild';
import type { Plugin as VitestPlugin } from 'vitest/config';

export declare const watForEsbuild: EsbuildPlugin;
export declare const watForVitest: VitestPlugin;
