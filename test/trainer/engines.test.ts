import * as tf from '@tensorflow/tfjs';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineName } from '../../src/experiment/config.ts';
import { HumanError } from '../../src/protocol/human-error.ts';
import { engineFolder } from '../../src/trainer/engines/install.ts';
import { listEngines } from '../../src/trainer/engines/list.ts';
import { createEngine, pickEngine } from '../../src/trainer/engines/pick.ts';
import { loadPackage } from '../../src/trainer/engines/tensorflow.ts';

const wishes = { engine: 'auto', provider: 'auto', threads: 1 } as const;
let data = '';
const before = process.env['TANDEM_DATA_DIR'];
beforeAll(async () => {
  process.env['TANDEM_DATA_DIR'] = data = await mkdtemp(join(tmpdir(), 'tandem-engines-'));
});
afterAll(async () => {
  if (before === undefined) delete process.env['TANDEM_DATA_DIR'];
  else process.env['TANDEM_DATA_DIR'] = before;
  await rm(data, { recursive: true, force: true });
});

async function failure(work: () => unknown): Promise<HumanError> {
  try {
    await work();
  } catch (error) {
    expect(error).toBeInstanceOf(HumanError);
    return error as HumanError;
  }
  throw new Error('nothing was thrown');
}

describe('the engine of a run', () => {
  it('auto says which were passed over and why', async () => {
    const engine = await pickEngine(wishes);
    expect(engine.why).toMatch(/^It is the first that works here\./);
    if (engine.name !== 'tensorflow_gpu') expect(engine.why).toContain('Not tensorflow_gpu: ');
    engine.dispose();
  });

  it('an unknown name is answered with those there are', async () => {
    const error = await failure(() => createEngine('torch' as EngineName, wishes, ''));
    expect(error.code).toBe('unknown_engine');
    expect(error.message).toMatch(/"torch".*auto, tensorflow_gpu, onnx, tensorflow, cpu/);
  });

  it.each(['webgpu', 'cuda'] as const)('auto with the provider %s takes nothing else', async (provider) => {
    const outcome = await pickEngine({ ...wishes, provider }).catch((error: unknown) => error as HumanError);
    if (outcome instanceof Error) {
      expect(outcome).toBeInstanceOf(HumanError);
      expect(outcome.message).toContain(provider);
    } else expect(outcome.provider).toBe(provider);
  });

  it('each is listed as working, or with what to do', async () => {
    const engines = await listEngines();
    expect(engines.map(({ name }) => name)).toEqual(['tensorflow_gpu', 'onnx', 'tensorflow', 'cpu']);
    expect(engines.filter(({ chosen }) => chosen)).toHaveLength(1);
    for (const { works, reason, device } of engines) {
      if (works) expect(device).not.toBe(null);
      else expect(reason).toMatch(/\. .*\.$/);
    }
  });
});

describe('TensorFlow’s package, installed apart', () => {
  const install = async (body: string, withBinding = true): Promise<void> => {
    const folder = join(engineFolder('tensorflow'), 'node_modules/@tensorflow/tfjs-node');
    await rm(folder, { recursive: true, force: true });
    await mkdir(join(folder, 'dist'), { recursive: true });
    await mkdir(join(folder, withBinding ? 'lib/napi-v8' : 'lib'), { recursive: true });
    if (withBinding) await writeFile(join(folder, 'lib/napi-v8/tfjs_binding.node'), '');
    await writeFile(
      join(folder, 'package.json'),
      '{"name": "@tensorflow/tfjs-node", "main": "dist/index.js"}',
    );
    await writeFile(join(folder, 'dist/index.js'), body);
  };

  it('not installed, says how', async () => {
    const error = await failure(() => loadPackage('tensorflow'));
    expect(error.code).toBe('engine_missing');
    expect(error.todo).toContain('tandem engine install tensorflow"');
  });

  it('is found in the folder that `tandem engine install` fills, with the functions that Node 23 removed', async () => {
    await install(`const util = require('util');
      module.exports = { version: { tfjs: '4' }, nullish: util.isNullOrUndefined(null), array: util.isArray([]) };`);
    expect(loadPackage('tensorflow')).toMatchObject({ nullish: true, array: true });
  });

  it('without its native part, or when it throws, says so', async () => {
    await install('', false);
    const half = await failure(() => loadPackage('tensorflow'));
    expect(half.code).toBe('engine_broken');
    expect(half.message).toContain('native part');
  });
});

it.each(['onnx', 'cpu'] as const)(
  '%s: what it cannot run fails when it is compiled, or runs',
  async (name) => {
    const engine = await createEngine(name, wishes, '');
    const specs = { x: { shape: [4], dtype: 'float32' as const } };
    if (name === 'onnx') {
      const error = await failure(() => engine.compile(({ x }) => ({ y: tf.spectral.rfft(x!) }), specs));
      expect(error.code).toBe('missing_kernel');
    }
    const compiled = await engine.compile(({ x }) => ({ y: tf.square(x!) }), specs);
    const { y } = await compiled.run({ x: Float32Array.of(1, 2, 3, 4) });
    expect(Array.from(y!)).toEqual([1, 4, 9, 16]);
    compiled.dispose();
    engine.dispose();
  },
);
