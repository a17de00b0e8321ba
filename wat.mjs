// WebAssembly in its text form (*.wat), assembled when a program is bundled or a test imports it: a module that exports the bytes.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import loadWabt from 'wabt';

async function moduleOf(file) {
  const wabt = await loadWabt();
  const parsed = wabt.parseWat(basename(file), await readFile(file, 'utf8'), { simd: true });
  try {
    return `export const code = Uint8Array.of(${parsed.toBinary({}).buffer.join()});`;
  } finally {
    parsed.destroy();
  }
}

export const watForEsbuild = {
  name: 'wat',
  setup(build) {
    build.onLoad({ filter: /\.wat$/ }, async ({ path }) => ({
      contents: await moduleOf(path),
      loader: 'js',
    }));
  },
};

export const watForVitest = {
  name: 'wat',
  load: (id) => (id.endsWith('.wat') ? moduleOf(id) : null),
};
