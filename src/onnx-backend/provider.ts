import { loadBinding } from './binding.ts';
import { OnnxError } from './errors.ts';
import { Graph } from './graph.ts';
import { matmul } from './ops/matmul.ts';
import { createSession, type Provider, type SessionSettings } from './session.ts';
import { said, t, type Said } from '../text/say.ts';

/**
 * Makes sure that the provider computes here, by multiplying two small matrices on it, and gives the package's version. Throws an
 * OnnxError that says why not and what to do.
 */
export function checkProvider(settings: SessionSettings): string {
  const { version, providers } = loadBinding();
  const { provider } = settings;
  if (provider === 'cpu') return version;
  if (!providers.includes(provider)) {
    throw new OnnxError(
      said(
        'This onnxruntime-node {0} has no {1} provider (it has {2}).',
        version,
        provider,
        providers.join(', '),
      ),
      todo[provider],
      'no_device',
    );
  }
  try {
    probe(settings);
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    const reason = String(cause instanceof Error ? cause.message : cause).split('\n')[0]!;
    throw new OnnxError(
      said('The {0} provider of onnxruntime-node does not work on this machine: {1}.', provider, reason),
      todo[provider],
      'no_device',
      { cause: error },
    );
  }
  return version;
}

const todo: Record<Provider, Said> = {
  cpu: said('Choose another engine (train.engine).'),
  webgpu: said(
    'Use a machine with a GPU and its Vulkan, Metal or Direct3D driver, or set train.provider to cpu.',
  ),
  cuda: said(
    'Run "tandem engine install onnx_cuda" on a machine with an NVIDIA GPU, or set train.provider to cpu.',
  ),
};

function probe(settings: SessionSettings): void {
  const g = new Graph();
  const a = g.input('a', 'float32', [2, 2]);
  g.outputs.push({ name: 'y', value: matmul(g, a, a) });
  const left = new Map<string, number>();
  const session = createSession(g, { ...settings, leftToProcessor: left });
  const data = Float32Array.of(1, 2, 3, 4);
  const { y } = session.run({ a: { type: 'float32', shape: [2, 2], data } }, ['y']);
  session.dispose();
  if (left.size > 0) throw new Error(t('it left the product of two matrices to the processor'));
  if (y?.join() !== '7,10,15,22') throw new Error(t('it multiplied two matrices wrongly ({0})', String(y)));
}
