import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import type ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lookedUp, sourcesOf, translated } from './text/sources.ts';

// Types and linters see imports; only the bundles show what really ships.
const out = mkdtempSync(join(tmpdir(), 'tandem-bundles-'));
const bundles = new Map<string, Metafile>();

beforeAll(async () => {
  const { buildAll } = await import('../build.mjs');
  for (const [name, metafile] of await buildAll({ outdir: out, minify: true })) bundles.set(name, metafile);
}, 120_000);

afterAll(() => rmSync(out, { recursive: true }));

/** Packages whose code is inside a bundle. */
function packagesIn(name: string): string[] {
  const inputs = Object.keys(bundles.get(name)!.inputs);
  const names = inputs.flatMap(
    (file) => /(?:^|.*\/)node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [],
  );
  return [...new Set(names)].sort();
}

/** Layers whose code is inside a bundle. */
function layersIn(name: string): string[] {
  const inputs = Object.keys(bundles.get(name)!.inputs);
  return [
    ...new Set(
      inputs.flatMap((file) => /^(?:src\/trainer\/data|src\/[^/]+|webview-ui)(?=\/)/.exec(file)?.[0] ?? []),
    ),
  ].sort();
}

/** What a bundle still asks for at run time, without Node's own modules. */
function externalsOf(name: string): string[] {
  const imports = Object.values(bundles.get(name)!.outputs).flatMap((output) => output.imports);
  const names = imports.filter(({ external }) => external).map(({ path }) => path);
  return [...new Set(names)]
    .filter((path) => !nodeModules.has(path.replace(/^node:/, '').split('/')[0]!))
    .sort();
}

const nodeModules = new Set(
  process.getBuiltinModule('node:module').builtinModules.map((name) => name.split('/')[0]!),
);

const megabytes = (name: string, file: string): number =>
  Object.entries(bundles.get(name)!.outputs).find(([path]) => path.endsWith(`/${file}`))![1].bytes / 1e6;

describe('the extension', () => {
  test('holds nothing that computes', () => {
    expect(
      packagesIn('extension').filter((name) => /tfjs|tensorflow|onnx|sharp|transformers/.test(name)),
    ).toEqual([]);
    expect(layersIn('extension')).not.toContain('src/trainer');
    expect(layersIn('extension')).not.toContain('src/onnx-backend');
    expect(layersIn('extension')).not.toContain('webview-ui');
  });

  test('asks for nothing but VS Code, and sharp where pictures are looked at', () => {
    expect(externalsOf('extension').filter((name) => name !== 'sharp')).toEqual(['vscode']);
  });

  test('is small', () => expect(megabytes('extension', 'extension.cjs')).toBeLessThan(2));
});

describe('the trainer', () => {
  test('knows neither VS Code nor YAML', () => {
    expect(externalsOf('trainer')).not.toContain('vscode');
    // zod checks the files of a run; the experiment's own schema, rules and text stay outside.
    expect(packagesIn('trainer')).not.toContain('yaml');
    expect(layersIn('trainer')).not.toContain('src/experiment');
    expect(layersIn('trainer')).not.toContain('src/extension');
    expect(layersIn('trainer')).not.toContain('src/launcher');
  });

  test('asks for packages with native parts only', () => {
    const allowed = [
      '@tensorflow/tfjs-node',
      '@tensorflow/tfjs-node-gpu',
      'onnxruntime-node',
      'onnxruntime-node/dist/binding.js',
      'sharp',
      // node-fetch, inside TensorFlow.js, asks for it and goes on without.
      'encoding',
    ];
    expect(externalsOf('trainer').filter((name) => !allowed.includes(name))).toEqual([]);
  });
});

describe('the command line', () => {
  test('holds nothing that computes and no VS Code', () => {
    expect(packagesIn('tandem').filter((name) => /tfjs|tensorflow|onnx/.test(name))).toEqual([]);
    expect(externalsOf('tandem').filter((name) => name !== 'sharp')).toEqual([]);
  });

  test('begins light: everything but the list of commands is loaded when it is called', () => {
    expect(megabytes('tandem', 'tandem.js')).toBeLessThan(0.1);
  });
});

describe('the panel', () => {
  test('is for browsers: nothing of Node, nothing of the host', () => {
    expect(externalsOf('panel')).toEqual([]);
    expect(
      layersIn('panel').filter(
        (layer) => !['webview-ui', 'src/text', 'src/protocol', 'src/analysis'].includes(layer),
      ),
    ).toEqual([]);
  });

  test('is handed what its modules say of the table of texts, and little more', () => {
    const listed = JSON.parse(readFileSync(join(out, 'panel-texts.json'), 'utf8')) as string[];
    const own = new Set(Object.keys(bundles.get('panel')!.inputs));
    const said = new Set<string>();
    const visit = (node: ts.Node): void => {
      for (const { text } of lookedUp(node)) said.add(text);
      node.forEachChild(visit);
    };
    for (const source of sourcesOf(translated)) if (own.has(source.fileName)) visit(source);
    expect([...said].filter((text) => !listed.includes(text))).toEqual([]);
    expect(listed.length).toBeLessThan(1.2 * said.size);
  });
});
