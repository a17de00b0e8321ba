// Bundles the programs and the panel into dist/.   node build.mjs [--watch] [--minify] [--out DIR] [--only tandem,trainer]
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { sourceForEsbuild } from './source.mjs';
import { textsForEsbuild } from './texts.mjs';
import { watForEsbuild } from './wat.mjs';

const root = fileURLToPath(new URL('.', import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Packages with native parts stay outside the bundles and are found in node_modules. */
const native = ['onnxruntime-node', 'sharp', '@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'];

const common = { absWorkingDir: root, bundle: true, metafile: true, sourcemap: true, logLevel: 'warning' };

const node = {
  ...common,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  external: ['vscode', ...native],
  plugins: [watForEsbuild, sourceForEsbuild],
  // Its build for Node asks the environment about logging at every token, which takes as long as reading them.
  alias: { yaml: join(root, 'node_modules/yaml/browser/index.js') },
  // CommonJS packages inside an ES module bundle still call require.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  define: { __TANDEM_VERSION__: JSON.stringify(version) },
};

const builds = {
  // One build, so that the demo and the command line share their chunks; each command is a chunk of its own.
  tandem: {
    ...node,
    entryPoints: { tandem: 'src/launcher/cli/main.ts', demo: 'examples/demo/main.ts' },
    splitting: true,
    chunkNames: 'tandem-[hash]',
  },
  // What trains and what holds finished models share nearly all of their code.
  trainer: {
    ...node,
    entryPoints: {
      trainer: 'src/trainer/main.ts',
      sampler: 'src/trainer/machine/sampler.ts',
      inference: 'src/inference/main.ts',
    },
    splitting: true,
    chunkNames: 'trainer-[hash]',
  },
  extension: {
    ...node,
    entryPoints: { extension: 'src/extension/extension.ts' },
    format: 'cjs',
    banner: {},
    outExtension: { '.js': '.cjs' },
  },
  panel: {
    ...common,
    entryPoints: { panel: 'webview-ui/main.tsx' },
    plugins: [textsForEsbuild],
    platform: 'browser',
    target: 'es2022',
    format: 'iife',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    minify: true,
    sourcemap: 'linked',
  },
};

/** Builds all, or those named, and gives each one's metafile by name. */
export async function buildAll({ outdir = 'dist', minify = false, only = Object.keys(builds) } = {}) {
  const metafiles = new Map();
  for (const name of only) {
    if (!existsSync(join(root, Object.values(builds[name].entryPoints)[0]))) continue;
    const options = { ...builds[name], outdir, minify: minify || builds[name].minify === true };
    metafiles.set(name, (await esbuild.build(options)).metafile);
  }
  for (const name of ['tandem', 'trainer']) removeOldChunks(outdir, name, metafiles.get(name));
  return metafiles;
}

/** Chunks of earlier builds have other names. */
function removeOldChunks(outdir, name, metafile) {
  if (!metafile) return;
  const written = new Set(Object.keys(metafile.outputs).map((file) => file.split('/').at(-1)));
  for (const file of readdirSync(resolve(root, outdir)))
    if (file.startsWith(`${name}-`) && !written.has(file)) rmSync(resolve(root, outdir, file));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const option = (name) =>
    process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : undefined;
  const only = option('--only')?.split(',');
  const outdir = option('--out');
  if (process.argv.includes('--watch'))
    for (const build of Object.values(builds))
      await (await esbuild.context({ ...build, outdir: 'dist' })).watch();
  else await buildAll({ outdir, minify: process.argv.includes('--minify'), only });
}
