// Bundles the four programs and the panel into dist/.   node build.mjs [--watch] [--minify]
import { existsSync } from 'node:fs';
import * as esbuild from 'esbuild';

const minify = process.argv.includes('--minify');
const watch = process.argv.includes('--watch');

/** Packages with native parts stay outside the bundles and are found in node_modules. */
const native = ['onnxruntime-node', 'sharp', '@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'];

const node = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  sourcemap: true,
  minify,
  external: ['vscode', ...native],
  // CommonJS packages inside an ES module bundle still call require.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
};

const builds = [
  {
    ...node,
    entryPoints: { tandem: 'src/launcher/cli/main.ts' },
    outdir: 'dist',
    splitting: true,
    chunkNames: 'tandem-[hash]',
  },
  { ...node, entryPoints: { trainer: 'src/trainer/main.ts' }, outdir: 'dist' },
  { ...node, entryPoints: { demo: 'examples/demo/main.ts' }, outdir: 'dist' },
  {
    ...node,
    entryPoints: { extension: 'src/extension/extension.ts' },
    outdir: 'dist',
    format: 'cjs',
    banner: {},
    outExtension: { '.js': '.cjs' },
  },
  {
    entryPoints: { panel: 'webview-ui/main.tsx' },
    bundle: true,
    outdir: 'dist',
    platform: 'browser',
    target: 'es2022',
    format: 'iife',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    minify: true,
    sourcemap: 'linked',
    metafile: true,
    logLevel: 'warning',
  },
].filter((build) => existsSync(Object.values(build.entryPoints)[0]));

for (const build of builds) {
  if (watch) await (await esbuild.context(build)).watch();
  else await esbuild.build(build);
}
