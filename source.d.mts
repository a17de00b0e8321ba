import type { Plugin as EsbuildPlugin } from 'esbuild';
import type { Plugin as VitestPlugin } from 'vitest/config';

export declare const sourceForEsbuild: EsbuildPlugin;
export declare const sourceForVitest: VitestPlugin;
