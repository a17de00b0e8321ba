// `import { source } from './worker.ts?source'`: a program of its own as text, bundled with all that it imports, for a thread to run.
import * as esbuild from 'esbuild';
import { watForEsbuild } from './wat.mjs';

const query = /\?source$/;

async function moduleOf(path) {
  const { outputFiles } = await esbuild.build({
    entryPoints: [path],
    bundle: true,
    write: false,
    minify: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'warning',
    plugins: [watForEsbuild],
  });
  return `export const source = ${JSON.stringify(outputFiles[0].text)};`;
}

export const sourceForEsbuild = {
  name: 'source',
  setup(build) {
    build.onResolve({ filter: query }, async ({ path, resolveDir, kind }) => {
      const found = await build.resolve(path.replace(query, ''), { resolveDir, kind });
      return { ...found, namespace: 'source' };
    });
    build.onLoad({ filter: /./, namespace: 'source' }, async ({ path }) => ({
      contents: await moduleOf(path),
      loader: 'js',
      watchFiles: [path],
    }));
  },
};

export const sourceForVitest = {
  name: 'source',
  enforce: 'pre',
  load: (id) => (query.test(id) ? moduleOf(id.replace(query, '')) : null),
};
