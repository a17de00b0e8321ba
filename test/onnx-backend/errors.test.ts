// What goes wrong says so in two sentences, under a code that programs know, before the first step.
import * as tf from '@tensorflow/tfjs';
import { Tensor } from 'onnxruntime-common';
import { beforeAll, describe, expect, it } from 'vitest';
import { createOnnxBackend, onnxBackend } from '../../src/onnx-backend/backend.ts';
import { loadBinding } from '../../src/onnx-backend/binding.ts';
import { captureFunction } from '../../src/onnx-backend/capture.ts';
import { OnnxError, runtimeError } from '../../src/onnx-backend/errors.ts';
import { Graph } from '../../src/onnx-backend/graph.ts';
import { encodeModel } from '../../src/onnx-backend/proto.ts';
import { createSession } from '../../src/onnx-backend/session.ts';
import { numbers, runCaptured, setUp } from './parity.ts';

beforeAll(setUp);

const x = { shape: [2, 3], dtype: 'float32' as const };

async function failure(work: () => unknown): Promise<OnnxError> {
  try {
    await work();
  } catch (error) {
    expect(error).toBeInstanceOf(OnnxError);
    const { what, todo } = error as OnnxError;
    expect(what).toMatch(/^[A-Z].*[.]$/s);
    expect(todo).toMatch(/^[A-Z].*[.]$/s);
    return error as OnnxError;
  }
  throw new Error('nothing was thrown');
}

describe('a capture', () => {
  it('names a kernel that is missing, and the next capture works', async () => {
    const error = await failure(() => captureFunction(({ x }) => ({ y: tf.spectral.rfft(x!) }), { x }));
    expect(error.code).toBe('missing_kernel');
    expect(error.what).toMatch(/no kernel \w+/);
    const input = numbers(1, x.shape);
    const { y } = await runCaptured(({ x }) => ({ y: tf.add(x!, 1) }), { x: input });
    expect(Array.from(y!.data)).toEqual(Array.from(input.data, (value) => Math.fround(value + 1)));
  });

  it('names the operation whose result is read', async () => {
    const error = await failure(() =>
      captureFunction(({ x }) => ({ y: tf.scalar(tf.sum(x!).dataSync()[0]!) }), { x }),
    );
    expect(error.code).toBe('read_in_capture');
    expect(error.what).toContain('Sum');
  });

  it('says which feed does not fit', async () => {
    const captured = await captureFunction(({ x }) => ({ y: tf.neg(x!) }), { x });
    for (const feeds of [{}, { x: new Float32Array(5) }, { x: new Int32Array(6) }] as Record<
      string,
      Float32Array
    >[]) {
      const error = await failure(() => captured.run(feeds));
      expect(error.code).toBe('bad_feed');
      expect(error.what).toContain('[2,3]');
    }
    captured.dispose();
  });

  it('leaves no tensors behind and gives the same arrays at each run', async () => {
    const before = tf.memory().numTensors;
    const captured = await captureFunction(({ x }) => ({ y: tf.mul(x!, 2), z: x! }), { x });
    expect(tf.memory().numTensors).toBe(before);
    const feed = Float32Array.of(1, 2, 3, 4, 5, 6);
    const first = await captured.run({ x: feed });
    feed[0] = 7;
    const second = await captured.run({ x: feed });
    expect(second['y']).toBe(first['y']);
    expect(Array.from(second['y']!)).toEqual([14, 4, 6, 8, 10, 12]);
    expect(Array.from(second['z']!)).toEqual([7, 2, 3, 4, 5, 6]);
    captured.dispose();
  });

  it('writes its results once, without a copy for somebody to collect', async () => {
    const size = 4_000_000;
    const captured = await captureFunction(({ large }) => ({ y: tf.mul(large!, 2) }), {
      large: { shape: [size], dtype: 'float32' },
    });
    const feeds = { large: new Float32Array(size).fill(3) };
    await captured.run(feeds);
    const before = process.memoryUsage().arrayBuffers;
    const { y } = await captured.run(feeds);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(size); // a copy has four bytes for each number
    expect([y![0], y![size - 1]]).toEqual([6, 6]);
    captured.dispose();
  });
});

describe('ONNX Runtime', () => {
  // Runs of captured steps end early because of this copy: where it is gone, src/onnx-backend/early-end.ts is needless and goes too.
  it('copies what it has written into memory that it was given', () => {
    const g = new Graph();
    const a = g.input('a', 'float32', [3]);
    g.outputs.push({ name: 'y', value: g.node1('Neg', [a], 'float32', [3]) });
    const bytes = encodeModel(g);
    const native = loadBinding().createSession();
    native.loadModel(bytes.buffer, bytes.byteOffset, bytes.byteLength, { executionProviders: ['cpu'] });
    const given = new Float32Array(3);
    const { y } = native.run(
      { a: new Tensor('float32', Float32Array.of(1, 2, 3), [3]) },
      { y: new Tensor('float32', given, [3]) },
      {},
    );
    native.dispose();
    expect(Array.from(given)).toEqual([-1, -2, -3]);
    expect((y!.data as Float32Array).buffer).not.toBe(given.buffer);
  });

  it('refuses a graph with its node named', async () => {
    const g = new Graph();
    const a = g.input('a', 'float32', [2]);
    g.outputs.push({ name: 'y', value: g.node1('NoSuchOperator', [a], 'float32', [2]) });
    const error = await failure(() => createSession(g, { provider: 'cpu', threads: 1 }));
    expect(error.code).toBe('graph_refused');
    expect(error.what).toContain('NoSuchOperator');
  });

  it('running out of memory is told apart', () => {
    for (const text of [
      'std::bad_alloc',
      'Failed to allocate memory for requested buffer of size 34359738368',
      'Tile output tensor would require more than 4294967296 bytes',
      'CUDA failure 2: out of memory ; GPU=0 ; hostname=a',
      'CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0',
      'vkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY',
      'Device::CreateCommittedResource failed with E_OUTOFMEMORY (0x8007000E)',
    ]) {
      const error = runtimeError(new Error(text), 'run');
      expect(error.code).toBe('out_of_memory');
      expect(error.todo).toContain('batch_size');
    }
  });

  it('really running out of memory is an error, not a crash', async () => {
    const rows = { shape: [1 << 20, 1], dtype: 'float32' as const };
    const columns = { shape: [1, 1 << 18], dtype: 'float32' as const };
    const captured = await captureFunction(({ a, b }) => ({ y: tf.exp(tf.add(a!, b!)).sum() }), {
      a: rows,
      b: columns,
    });
    const feeds = { a: new Float32Array(1 << 20), b: new Float32Array(1 << 18) }; // of which the sum would be 1 TB
    const error = await failure(() => captured.run(feeds));
    captured.dispose();
    expect(error.code).toBe('out_of_memory');
  });

  // The first as test/gpu/lost-device.test.ts meets it; the others as ONNX Runtime and Dawn write them.
  it.each([
    '/onnxruntime_src/onnxruntime/core/providers/webgpu/buffer_manager.cc:641 void onnxruntime::webgpu::BufferManager::Download(WGPUBuffer, void*, size_t) const map_async_result.status == wgpu::MapAsyncStatus::Success was false. Failed to download data from buffer. wgpu::MapAsyncStatus value: 4, message: [Device] is lost.',
    'CUDA failure 999: unknown error ; GPU=0 ; hostname=box ; file=/onnxruntime_src/onnxruntime/core/providers/cuda/gpu_data_transfer.cc ; line=73 ; expr=cudaMemcpyAsync(dst_data, src_data, bytes, cudaMemcpyDeviceToHost, stream);',
    'CUDA failure 719: unspecified launch failure ; GPU=0 ; hostname=box',
    'vkQueueSubmit failed with VK_ERROR_DEVICE_LOST',
    'ID3D12Device::GetDeviceRemovedReason failed with DXGI_ERROR_DEVICE_HUNG (0x887A0006)',
  ])('a device that is gone is told from a graph that is refused: %s', (text) => {
    expect(runtimeError(new Error(text), 'run').code).toBe('device_lost');
  });

  it('memory of a device that runs out is no loss of it', () => {
    const text = 'CUDA failure 2: out of memory ; GPU=0 ; hostname=box ; expr=cudaMalloc((void**)&p, size);';
    expect(runtimeError(new Error(text), 'run').code).toBe('out_of_memory');
  });

  it.each(['webgpu', 'cuda'] as const)(
    '%s without its device says why, and takes no other provider',
    async (provider) => {
      const outcome = await createOnnxBackend({ provider, threads: 1 }).catch(
        (error: unknown) => error as OnnxError,
      );
      if ('provider' in outcome) expect(outcome.provider).toBe(provider);
      else {
        expect(outcome.code).toBe('no_device');
        expect(outcome.what).toContain(provider);
        expect(outcome.todo).toContain('train.provider');
      }
      await setUp();
    },
  );
});

describe('caches are bounded', () => {
  it('eager calls of one kind share a session', async () => {
    await tf.setBackend('onnx');
    const { eagerSessions } = onnxBackend();
    const add = () => tf.tidy(() => tf.add(tf.ones([3, 17]), tf.ones([3, 17])).dataSync());
    add();
    const { size } = eagerSessions;
    for (let i = 0; i < 20; i++) add();
    expect(eagerSessions.size).toBe(size);
  });
});
