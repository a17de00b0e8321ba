import fc from 'fast-check';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSafetensors, readSafetensorsHeader, writeSafetensors } from '../../src/store/safetensors.ts';
import { half, tensorTypes, toFloat32, type Tensors, type TensorType } from '../../src/store/tensors.ts';
import { aFolder } from './a-config.ts';

// Written by test/reference/safetensors_files.py with Python's safetensors 0.8 and torch 2.13.
const python = join(import.meta.dirname, '../fixtures/store/python.safetensors');

describe('safetensors', () => {
  test('a file of Python is read, every type', async () => {
    const { tensors, metadata } = await readSafetensors(python);
    expect(metadata).toEqual({ format: 'pt' });
    const thirds = [0, 1, 2, 3, 4, 5].map((value) => value / 3);
    expect(tensors['weight']).toEqual({ dtype: 'F32', shape: [2, 3], data: Float32Array.from(thirds) });
    expect(tensors['double']).toEqual({ dtype: 'F64', shape: [2, 3], data: Float64Array.from(thirds) });
    expect(tensors['bytes']).toEqual({
      dtype: 'U8',
      shape: [2, 3],
      data: Uint8Array.from([0, 1, 2, 3, 4, 5]),
    });
    expect(tensors['int']).toEqual({
      dtype: 'I32',
      shape: [2, 3],
      data: Int32Array.from([-3, -2, -1, 0, 1, 2]),
    });
    expect(tensors['odd']).toEqual({ dtype: 'I8', shape: [3], data: Int8Array.from([1, -2, 3]) });
    expect(tensors['flags']).toEqual({
      dtype: 'BOOL',
      shape: [2, 3],
      data: Uint8Array.from([1, 0, 1, 0, 1, 0]),
    });
    expect(tensors['empty']).toEqual({ dtype: 'F32', shape: [0, 4], data: new Float32Array(0) });
    expect(tensors['num_batches_tracked']).toEqual({
      dtype: 'I64',
      shape: [],
      data: BigInt64Array.from([2n ** 40n + 1n]),
    });
    expect(toFloat32(tensors['num_batches_tracked']!)).toEqual(Float32Array.from([2 ** 40]));
    // Rounded to 11 and 8 bits of mantissa by torch.
    expect([...toFloat32(tensors['half']!)]).toEqual([
      0, 0.333251953125, 0.66650390625, 1, 1.3330078125, 1.6669921875,
    ]);
    expect([...toFloat32(tensors['bfloat']!)]).toEqual([0, 0.333984375, 0.66796875, 1, 1.3359375, 1.6640625]);
  });

  test('the same tensors are written as the bytes that Python writes', async () => {
    const { tensors, metadata } = await readSafetensors(python);
    const file = join(await aFolder(), 'ours.safetensors');
    await writeSafetensors(file, tensors, metadata);
    expect((await readSafetensors(file)).tensors).toEqual(tensors);
    expect((await readFile(file)).length).toBe((await readFile(python)).length);
  });

  test('only some tensors can be asked for, and the header alone', async () => {
    expect(
      Object.keys((await readSafetensors(python, (name) => name.startsWith('b'))).tensors).sort(),
    ).toEqual(['bfloat', 'bytes']);
    expect((await readSafetensorsHeader(python)).tensors['weight']).toMatchObject({
      dtype: 'F32',
      shape: [2, 3],
    });
  });

  test('any tensors come back; every one is aligned to its element', async () => {
    const file = join(await aFolder(), 'x.safetensors');
    const tensor = fc
      .tuple(
        fc.constantFrom(...(Object.keys(tensorTypes) as TensorType[])),
        fc.array(fc.nat(3), { maxLength: 3 }),
      )
      .map(([dtype, shape]) => {
        const data = new tensorTypes[dtype](shape.reduce((a, b) => a * b, 1));
        for (let i = 0; i < data.length; i++) data[i] = typeof data[i] === 'bigint' ? BigInt(i) : i;
        return { dtype, shape, data };
      });
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), tensor), async (tensors) => {
        delete tensors['__metadata__'];
        await writeSafetensors(file, tensors, {});
        expect((await readSafetensors(file)).tensors).toEqual({ ...tensors });
        for (const { dtype, start } of Object.values((await readSafetensorsHeader(file)).tensors))
          expect(start % tensorTypes[dtype].BYTES_PER_ELEMENT).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  test('a tensor may be called __proto__', async () => {
    const file = join(await aFolder(), 'x.safetensors');
    const tensor = { dtype: 'F64' as const, shape: [], data: Float64Array.from([2]) };
    await writeSafetensors(file, Object.fromEntries([['__proto__', tensor]]));
    expect(Object.entries((await readSafetensors(file)).tensors)).toEqual([['__proto__', tensor]]);
  });

  test('a view into a larger array is written as what it shows', async () => {
    const file = join(await aFolder(), 'x.safetensors');
    const data = Float32Array.from([1, 2, 3, 4]).subarray(1, 3);
    await writeSafetensors(file, { a: { dtype: 'F32', shape: [2], data } });
    expect([...(await readSafetensors(file)).tensors['a']!.data]).toEqual([2, 3]);
  });

  test('a file cut at any byte is refused in words', async () => {
    const file = join(await aFolder(), 'x.safetensors');
    const bytes = await readFile(python);
    await writeFile(file, bytes);
    for (let length = bytes.length - 1; length >= 0; length--) {
      await truncate(file, length);
      await expect(readSafetensors(file)).rejects.toThrow(/x\.safetensors is damaged \(it is cut off\)/);
    }
    await writeFile(file, Buffer.concat([bytes, Buffer.from('x')]));
    await expect(readSafetensors(file)).rejects.toThrow(/1 bytes too long/);
    await expect(readSafetensors(`${file}.none`)).rejects.toThrow(/was not found/);
  });

  test.each([
    ['no JSON', '{"a":', /header is no JSON/],
    ['a type that is not known', '{"a":{"dtype":"F4","shape":[0],"data_offsets":[0,0]}}', /type F4/],
    [
      'a place that does not fit',
      '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}',
      /does not fit its shape/,
    ],
    [
      'an overlap',
      '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
      /overlap/,
    ],
    ['a gap', '{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}', /gaps/],
    ['a negative shape', '{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,0]}}', /no shape/],
    ['nothing in it', 'null', /no map/],
  ])('a header with %s is refused', async (_name, header, message) => {
    const file = join(await aFolder(), 'x.safetensors');
    const prefix = Buffer.alloc(8);
    prefix.writeBigUInt64LE(BigInt(header.length));
    await writeFile(file, Buffer.concat([prefix, Buffer.from(header), Buffer.alloc(2)]));
    await expect(readSafetensors(file)).rejects.toThrow(message);
  });

  test('a header that claims to be huge is refused without reading it', async () => {
    const file = join(await aFolder(), 'x.safetensors');
    await writeFile(file, Buffer.alloc(64, 255));
    await expect(readSafetensors(file)).rejects.toThrow(/no safetensors file/);
  });

  test('a tensor that is not what it says is a bug, not a file', async () => {
    const file = join(await aFolder(), 'x.safetensors');
    const wrong: Tensors = { a: { dtype: 'F32', shape: [3], data: new Float32Array(2) } };
    await expect(writeSafetensors(file, wrong)).rejects.toThrow(/Float32Array of 2 is not F32 \[3\]/);
  });

  test('halves widen to the numbers they stand for', () => {
    const known: [number, number][] = [
      [0, 0],
      [1, 2 ** -24],
      [0x3c00, 1],
      [0xc000, -2],
      [0x7bff, 65504],
      [0x7c00, Infinity],
      [0x0400, 2 ** -14],
    ];
    for (const [bits, value] of known) expect(half(bits)).toBe(value);
    expect(half(0x7e00)).toBeNaN();
  });
});
