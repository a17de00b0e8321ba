// The layers of the product and what each may import: the one table behind ESLint's
// no-restricted-imports and the test of the built bundles. No folder stands inside another.
//
// folder   -> the files the row is about
// ours     -> our own folders it may import (always its own)
// packages -> npm packages it may import ("node:" stands for Node's own modules)
// types    -> folders and packages it may import types from, and nothing else
export const layers = [
  {
    folder: 'src/text',
    answers:
      'how it is said: numbers, durations, sizes, errors of the system, in the language of the reader; and what a text is as a number',
    ours: [],
    packages: [],
    types: [],
  },
  {
    folder: 'src/experiment',
    answers: 'what is asked: schema, defaults, checks, parse, sweep',
    ours: ['src/text'],
    packages: ['yaml', 'zod', 'fastest-levenshtein'],
    types: [],
  },
  {
    folder: 'src/protocol',
    answers:
      'what is said: RunEvent, RunState and foldRun, what a run comes to, panel messages, metric names',
    ours: ['src/text'],
    packages: [],
    types: ['src/experiment'],
  },
  {
    folder: 'src/analysis',
    answers: 'what it comes to: smoothing, decimation, differences, the verdict, the HTML report',
    ours: ['src/text', 'src/protocol'],
    packages: [],
    types: ['src/experiment'],
  },
  {
    folder: 'src/store',
    answers: 'what is kept: the run folder, events, checkpoints, safetensors, TensorBoard files',
    ours: ['src/text', 'src/protocol'],
    packages: ['node:', 'protobufjs', 'zod'],
    types: ['src/experiment'],
  },
  {
    folder: 'src/onnx-backend',
    answers: 'how tensors compute: a TensorFlow.js backend over ONNX Runtime',
    ours: ['src/text'],
    packages: [
      'node:',
      '@tensorflow/tfjs',
      '@tensorflow/tfjs-core',
      'onnxruntime-node',
      'onnxruntime-common',
      'protobufjs',
      'flatbuffers',
      'lru-cache',
    ],
    types: [],
  },
  {
    folder: 'src/weights',
    answers: 'where weights and vocabularies come from: a folder, a file, the hub',
    ours: ['src/text', 'src/protocol', 'src/store'],
    packages: ['node:', '@huggingface/hub', 'p-limit'],
    types: ['src/experiment'],
  },
  {
    folder: 'src/data',
    answers: 'what is learnt from: pairs, images, captions, split, augmentation, batches, previews',
    ours: ['src/text', 'src/protocol', 'src/weights'],
    packages: [
      'node:',
      'sharp',
      // The tokenizers of @xenova/transformers 4, without its inference engines.
      '@huggingface/tokenizers',
      'hyparquet',
      'hyparquet-compressors',
      'lru-cache',
      'p-limit',
      'picomatch',
    ],
    types: ['src/experiment'],
  },
  {
    folder: 'src/trainer',
    answers: 'does it: encoders, fusion, loss, optimizer, the loop, evaluation',
    ours: ['src/text', 'src/data', 'src/weights', 'src/protocol', 'src/store', 'src/onnx-backend'],
    // transformers.js in src/trainer/frozen alone: encoders as others exported them.
    packages: ['node:', '@tensorflow/tfjs', '@xenova/transformers', 'lru-cache', 'p-limit'],
    types: ['src/experiment', '@tensorflow/tfjs-node-gpu'],
  },
  {
    folder: 'src/inference',
    answers: 'what a finished model gives: search, measures on other data, maps, exports',
    ours: [
      'src/text',
      'src/weights',
      'src/data',
      'src/protocol',
      'src/store',
      'src/trainer',
      'src/onnx-backend',
    ],
    packages: ['node:', '@tensorflow/tfjs', 'lru-cache', 'p-limit', 'ml-pca', 'umap-js'],
    types: ['src/experiment'],
  },
  {
    folder: 'src/launcher',
    answers: 'arranges it: trainer processes, queue, the tandem command line',
    ours: [
      'src/text',
      'src/experiment',
      'src/protocol',
      'src/analysis',
      'src/store',
      'src/data',
      'src/weights',
    ],
    packages: ['node:', 'commander', 'cli-progress', 'cli-table3', 'string-width'],
    types: [],
  },
  {
    folder: 'src/extension',
    answers: 'shows it in VS Code: the only importer of vscode',
    ours: ['src/text', 'src/experiment', 'src/protocol', 'src/analysis', 'src/store', 'src/launcher'],
    packages: ['node:', 'vscode'],
    types: [],
  },
  {
    folder: 'webview-ui',
    answers: 'draws it',
    ours: ['src/text', 'src/protocol', 'src/analysis'],
    packages: ['preact', '@preact/signals', '@vscode-elements/elements', 'chart.js', 'chartjs-plugin-zoom'],
    types: ['src/experiment'],
  },
];
