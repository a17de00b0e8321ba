import { afterAll, expect, test } from 'vitest';
import { rng } from '../../src/data/hash.ts';
import { nearest, type Nearest } from '../../src/inference/nearest.ts';
import { rowProducts } from '../../src/inference/row-products.ts';
import { createOnnxEngine } from '../../src/trainer/engines/onnx.ts';
import { half, toHalf } from '../../src/store/tensors.ts';

const engine = await createOnnxEngine({ provider: 'cpu', threads: 1 }, '');
const products = rowProducts(engine);
afterAll(() => {
  products.dispose();
  engine.dispose();
});

const find = async (rows: Float32Array, dim: number, query: Float32Array, top: number): Promise<Nearest> =>
  nearest(await products.of(rows, dim, query), top);

test('the rows with the largest dot products come first, of equal ones the earlier; every length of a row is summed whole', async () => {
  // Rows of 5 numbers: dot products with (1, 2, 3, 4, 5) by hand.
  const rows = Float32Array.of(
    1,
    0,
    0,
    0,
    0,
    /* 1 */ 0,
    0,
    0,
    0,
    1,
    /* 5 */ 1,
    1,
    1,
    1,
    1 /* 15 */,
    0,
    1,
    1,
    0,
    0 /* 5 */,
  );
  const found = await find(rows, 5, Float32Array.of(1, 2, 3, 4, 5), 3);
  expect([...found.places]).toEqual([2, 1, 3]);
  expect([...found.similarities]).toEqual([15, 5, 5]);
  // (1 + 5 + 15 + 5) / 4, and sqrt((1 + 25 + 225 + 25) / 4 - 6.5^2)
  expect(found.mean).toBe(6.5);
  expect(found.deviation).toBeCloseTo(Math.sqrt(69 - 42.25), 12);
});

test('an empty index has nothing near', async () => {
  expect(await find(new Float32Array(0), 0, Float32Array.of(1), 3)).toMatchObject({ mean: 0, deviation: 0 });
});

test('no row is missed: the same as sorting all', async () => {
  const random = rng('rows');
  const dim = 7;
  const rows = Float32Array.from({ length: 5_000 * dim }, () => random.normal());
  const query = Float32Array.from({ length: dim }, () => random.normal());
  const product = (row: number): number => {
    let sum = 0;
    for (let i = 0; i < dim; i++) sum += rows[row * dim + i]! * query[i]!;
    return sum;
  };
  const sorted = Array.from({ length: 5_000 }, (_, row) => row).sort((a, b) => product(b) - product(a));
  expect([...(await find(rows, dim, query, 50)).places]).toEqual(sorted.slice(0, 50));
});

// The bits are numpy's: np.float16(x).view(np.uint16).
test.each([
  [0, 0x0000],
  [1, 0x3c00],
  [-2, 0xc000],
  [0.1, 0x2e66],
  [65504, 0x7bff],
  [65519.99, 0x7bff],
  [65520, 0x7c00],
  [1e30, 0x7c00],
  [-Infinity, 0xfc00],
  [2 ** -24, 0x0001],
  [2 ** -25, 0x0000],
  [1.5 * 2 ** -24, 0x0002],
  [2 ** -14, 0x0400],
  [2 ** -14 - 2 ** -25, 0x0400],
  [1 + 2 ** -11, 0x3c00],
  [1 + 3 * 2 ** -11, 0x3c02],
])('%f in half precision', (value, bits) => {
  expect(toHalf(Float32Array.of(value))[0]).toBe(bits);
});

test('every half is itself again', () => {
  const halves = Array.from({ length: 0x7c00 }, (_, bits) => bits).flatMap((bits) => [bits, bits | 0x8000]);
  const values = Float32Array.from(halves, half);
  expect([...toHalf(values)]).toEqual(halves);
  expect(toHalf(Float32Array.of(NaN))[0]! & 0x7fff).toBeGreaterThan(0x7c00);
});
