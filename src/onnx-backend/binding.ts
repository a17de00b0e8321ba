import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Tensor } from 'onnxruntime-common';
import { OnnxError } from './errors.ts';
import { disableTelemetry } from './telemetry.ts';
import { said } from '../text/say.ts';

/**
 * ONNX Runtime's native session. The package's public API wraps these calls in promises; eager kernels need an answer
 * at once, so the wrapped object is used directly. It is not a public interface: hence the version check.
 */
export interface NativeSession {
  loadModel(buffer: ArrayBufferLike, byteOffset: number, byteLength: number, options: object): void;
  loadModel(file: string, options: object): void;
  run(
    feeds: Record<string, Tensor>,
    fetches: Record<string, Tensor | null>,
    options: object,
  ): Record<string, Tensor>;
  dispose(): void;
}

export interface Binding {
  version: string;
  createSession(): NativeSession;
  /** Names of the execution providers that this package was built with, 'cpu' among them. */
  providers: string[];
}

/** The versions whose native interface is the one above. */
const KNOWN_VERSIONS = /^1\.30\./;

let loaded: Binding | null = null;

/** Loads onnxruntime-node once; throws an OnnxError when it is absent, of another version, or has no binary here. */
export function loadBinding(): Binding {
  loaded ??= load();
  return loaded;
}

function load(): Binding {
  const require = createRequire(import.meta.url);
  const main = resolvePackage(require);
  const { version } = require(join(dirname(main), '..', 'package.json')) as { version: string };
  if (!KNOWN_VERSIONS.test(version)) {
    throw new OnnxError(
      said('onnxruntime-node {0} is installed, and this engine knows version 1.30.', version),
      said('Install onnxruntime-node@1.30 beside the trainer, or choose another engine (train.engine).'),
      'wrong_version',
    );
  }
  disableTelemetry();
  const native = loadNative(require, join(dirname(main), 'binding.js'));
  native.initOrt();
  return {
    version,
    createSession: () => new native.binding.InferenceSession(),
    providers: native.binding.listSupportedBackends().map(({ name }) => name),
  };
}

interface NativeModule {
  initOrt(): void;
  binding: {
    InferenceSession: new () => NativeSession;
    listSupportedBackends(): { name: string; bundled: boolean }[];
  };
}

function resolvePackage(require: NodeJS.Require): string {
  try {
    return require.resolve('onnxruntime-node');
  } catch (error) {
    throw new OnnxError(
      said('The package onnxruntime-node is not installed.'),
      said('Run npm install in the folder of the trainer, or choose another engine (train.engine).'),
      'not_installed',
      { cause: error },
    );
  }
}

function loadNative(require: NodeJS.Require, file: string): NativeModule {
  try {
    return require(file) as NativeModule;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0]! : String(error);
    throw new OnnxError(
      said(
        'onnxruntime-node has no binary that loads on {0} {1}: {2}.',
        process.platform,
        process.arch,
        reason,
      ),
      said('Choose another engine (train.engine: tensorflow or cpu) on this machine.'),
      'unsupported_platform',
      { cause: error },
    );
  }
}
