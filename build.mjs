// Bundles the programs and the panel into dist/.   node build.mjs [--watch] [--minify] [--out DIR] [--only tandem,trainer]
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as esbuild from 'esbuild';

const minify = process.argv.includes('--minify');
const watch = process.argv.includes('--watch');
const option = (name) => process.argv[process.argv.indexOf(name) + 1];
const outdir = process.argv.includes('--out') ? option('--out') : 'dist';
const only = process.argv.includes('--only') ? option('--only').split(',') : null;
const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

/** Packages with native parts stay outside the bundles and are found in node_modules. */
const native = ['onnxruntime-node', 'sharp', '@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'];

const node = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  sourcemap: true,
  minify,
  metafile: true,
  external: ['vscode', ...native],
  // CommonJS packages inside an ES module bundle still call require.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  define: { __TANDEM_VERSION__: JSON.stringify(version) },
  logLevel: 'warning',
};

const builds = [
  {
    ...node,
    // One build, so that the demo and the command line share their chunks; each command is a chunk of its own.
    entryPoints: { tandem: 'src/launcher/cli/main.ts', demo: 'examples/demo/main.ts' },
    outdir,
    splitting: true,
    chunkNames: 'tandem-[hash]',
  },
  { ...node, entryPoints: { trainer: 'src/trainer/main.ts' }, outdir },
  {
    ...node,
    entryPoints: { extension: 'src/extension/extension.ts' },
    outdir,
    format: 'cjs',
    banner: {},
    outExtension: { '.js': '.cjs' },
  },
  {
    entryPoints: { panel: 'webview-ui/main.tsx' },
    bundle: true,
    outdir,
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
]
  .map((build) => ({
    ...build,
    entryPoints: Object.fromEntries(
      Object.entries(build.entryPoints).filter(
        ([name, file]) => existsSync(file) && (only === null || only.includes(name)),
      ),
    ),
  }))
  .filter((build) => Object.keys(build.entryPoints).length > 0);

const written = new Set();
for (const build of builds) {
  if (watch) await (await esbuild.context(build)).watch();
  else
    for (const file of Object.keys((await esbuild.build(build)).metafile.outputs)) written.add(file.split('/').at(-1));
}
// Chunks of earlier builds have other names.
if (!watch && existsSync(outdir))
  for (const file of readdirSync(outdir))
    if (/^tandem-.*\.js(\.map)?$/.test(file) && !written.has(file)) rmSync(join(outdir, file));
