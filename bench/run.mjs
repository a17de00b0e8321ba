// Runs a benchmark: bench/<name>.ts, bundled into dist/bench/.   npm run bench -- <name> [its options]
// Each prints what it measured and, as its last line, the same as one JSON document (alone with --json).
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { sourceForEsbuild } from '../source.mjs';
import { watForEsbuild } from '../wat.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const [name = '', ...options] = process.argv.slice(2);
const source = join(here, `${name}.ts`);
if (!/^[\w-]+$/.test(name) || !existsSync(source)) {
  const names = readdirSync(here).flatMap((file) => (file.endsWith('.ts') ? [file.slice(0, -3)] : []));
  console.error(`Which benchmark? There are ${names.join(', ')}.`);
  process.exit(2);
}

const output = join(here, '../dist/bench', `${name}.js`);
await esbuild.build({
  entryPoints: [source],
  outfile: output,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  sourcemap: true,
  logLevel: 'warning',
  plugins: [watForEsbuild, sourceForEsbuild],
  external: [
    // As the trainer's: loaded when it is wanted, after ONNX Runtime was told to be quiet.
    '@xenova/transformers',
    'onnxruntime-node',
    'sharp',
    '@tensorflow/tfjs-node',
    '@tensorflow/tfjs-node-gpu',
    'playwright-core',
    'esbuild',
  ],
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
});
const { status } = spawnSync(process.execPath, [output, ...options], {
  stdio: 'inherit',
  cwd: join(here, '..'),
});
process.exit(status ?? 1);
