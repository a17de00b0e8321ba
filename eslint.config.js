import { builtinModules } from 'node:module';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';
import { layers } from './layers.js';

const ourFolders = layers.map((layer) => layer.folder);

/** Every folder of ours that a layer may not import, and every package that it may not name. */
function restrictions(layer) {
  const open = [layer.folder, ...layer.ours];
  const typeOnly = layer.types.filter((name) => ourFolders.includes(name));
  const may = `may import ${[...open, ...layer.packages].join(', ')}${layer.types.length ? `; types of ${layer.types.join(', ')}` : ''}`;
  const message = `${layer.folder} (${layer.answers}) ${may}. See layers.js.`;
  const closed = ourFolders.filter((folder) => !open.includes(folder));
  const folderName = (folder) => folder.replace(/^src\//, '');
  const patterns = closed.map((folder) => ({
    regex: `^\\.\\.?/(.*/)?${folderName(folder)}/`,
    allowTypeImports: typeOnly.includes(folder),
    message,
  }));
  const packages = layer.packages.filter((name) => name !== 'node:').map(escape);
  const node = layer.packages.includes('node:') ? '|node:' : '';
  patterns.push({
    regex: `^(?!\\.|(${packages.join('|') || '-'})(/|$)${node}).+`,
    allowTypeImports: layer.types.some((name) => !ourFolders.includes(name)),
    message,
  });
  return {
    files: [`${layer.folder}/**/*.ts`, `${layer.folder}/**/*.tsx`],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] },
  };
}

const escape = (name) => name.replace(/[\\^$*+?.()|[\]{}]/g, '\\$&');

export default tseslint.config(
  {
    ignores: [
      'dist',
      'dist-*',
      'out',
      'node_modules',
      '.e2e',
      '.tandem',
      'coverage',
      'test/cases',
      'test/fixtures',
    ],
  },
  ...tseslint.configs.recommended,
  {
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
      'no-empty': ['error', { allowEmptyCatch: false }],
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      eqeqeq: 'error',
      'no-restricted-syntax': [
        'error',
        {
          selector: "ImportDeclaration[source.value='zod'] > ImportSpecifier[imported.name='z']",
          message:
            "import * as z from 'zod': the object `z` brings all languages of zod's messages into a bundle.",
        },
      ],
    },
  },
  {
    files: ['**/*.ts', '**/*.tsx'],
    ignores: ['*.ts', '*.mts'],
    extends: tseslint.configs.recommendedTypeCheckedOnly,
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'import-x': importX },
    settings: {
      'import-x/extensions': ['.ts', '.tsx'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts', '.tsx'] },
      'import-x/resolver-next': [importX.createNodeResolver({ extensions: ['.ts', '.tsx', '.js'] })],
    },
    rules: {
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      // A function is async where its caller awaits it, so that what it throws is a rejection.
      '@typescript-eslint/require-await': 'off',
      // TensorFlow.js gives results the type that the caller names: an assertion is how it is named.
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      // A failure that was kept as `unknown` is thrown again as it was.
      '@typescript-eslint/only-throw-error': [
        'error',
        { allowThrowingUnknown: true, allowThrowingAny: false },
      ],
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-base-to-string': 'off',
    },
  },
  // Helpers of tests are taken out of an object that needs no `this`.
  { files: ['test/**', 'bench/**'], rules: { '@typescript-eslint/unbound-method': 'off' } },
  ...layers.map(restrictions),
  {
    files: ['*.js', '*.mjs', '**/*.config.ts'],
    rules: { 'no-restricted-exports': 'off', '@typescript-eslint/no-restricted-imports': 'off' },
    languageOptions: { globals: Object.fromEntries(builtinModules.map((name) => [name, false])) },
  },
);
