import { Graph } from '../graph.ts';
import { createSession, type SessionSettings } from '../session.ts';
import { blockedConv, blockedLayout } from './blocked.ts';
import { blockedFilter } from './blocked-filter.ts';

const found = new Map<string, number | null>();

/**
 * Channels in a block of ONNX Runtime's blocked convolutions on this processor: 16 with AVX-512, 8 with AVX2, null where there are none. Found
 * once by running a small convolution both ways.
 */
export function blockSize(settings: SessionSettings): number | null {
  if (settings.provider !== 'cpu') return null;
  const known = found.get(settings.provider);
  if (known !== undefined) return known;
  const size = [16, 8].find((block) => isRight(block, settings)) ?? null;
  found.set(settings.provider, size);
  return size;
}

function isRight(block: number, settings: SessionSettings): boolean {
  const [channels, side] = [32, 3];
  const window = { strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1] };
  const g = new Graph();
  const x = g.input('x', 'float32', [1, side, side, channels]);
  const w = g.input('w', 'float32', [channels, channels, 3, 3]);
  const shape = [1, channels, side, side];
  const first = g.node1('Transpose', [x], 'float32', shape, { perm: [0, 3, 1, 2] });
  const plain = g.node1('Conv', [first, w], 'float32', shape, { ...window, kernel_shape: [3, 3], group: 1 });
  const blocked = blockedConv(g, blockedLayout.enter(g, x), blockedFilter(g, w, block), shape, window);
  g.outputs.push({
    name: 'plain',
    value: g.node1('Transpose', [plain], 'float32', x.shape, { perm: [0, 2, 3, 1] }),
  });
  g.outputs.push({ name: 'blocked', value: blockedLayout.leave(g, blocked) });
  try {
    const session = createSession(g, settings);
    const data = (size: number): Float32Array => Float32Array.from({ length: size }, (_, i) => Math.sin(i));
    const { plain: expected, blocked: actual } = session.run(
      {
        x: { type: 'float32', shape: x.shape, data: data(channels * side * side) },
        w: { type: 'float32', shape: w.shape, data: data(channels * channels * 9) },
      },
      ['plain', 'blocked'],
    );
    session.dispose();
    return (expected as Float32Array).every((value, i) => Math.abs(value - Number(actual![i])) < 1e-3);
  } catch {
    return false; // no such operators, or another block size: the plain convolutions are used
  }
}
