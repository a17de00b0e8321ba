import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { principalPlaces, umapPlaces } from '../../src/inference/map/layouts.ts';
import { uniform } from '../trainer/formula.ts';

// test/reference/pca.py: numpy's singular value decomposition.
const reference = JSON.parse(
  readFileSync(new URL('../fixtures/trainer/pca.json', import.meta.url), 'utf8'),
) as { rows: number; dim: number; explained: number[]; places: number[][] };

test('the principal axes and what they explain are numpy’s', () => {
  const { rows, dim } = reference;
  const all = Float32Array.from(uniform('points', rows * dim));
  const widths = [3, 2, 1, 0.5, 0.25];
  const vectors = Array.from({ length: rows }, (_, row) =>
    all.subarray(row * dim, (row + 1) * dim).map((value, at) => value * widths[at]!),
  );
  const { places, explained } = principalPlaces(vectors);
  explained.forEach((share, axis) => expect(share).toBeCloseTo(reference.explained[axis]!, 5));
  // An axis may point either way.
  for (const axis of [0, 1] as const) {
    const sign = Math.sign(places[0]![axis] * reference.places[0]![axis]!);
    places.forEach((place, row) => expect(sign * place[axis]).toBeCloseTo(reference.places[row]![axis]!, 5));
  }
});

/** Two groups of 20, far apart. */
const groups = Array.from({ length: 40 }, (_, row) =>
  Float32Array.from(uniform(`row ${row}`, 8), (value) => value * 0.1 + (row < 20 ? 1 : -1)),
);

test('UMAP keeps groups apart, and draws the same map again', async () => {
  const places = await umapPlaces(groups, {});
  const centre = (from: number): [number, number] => {
    const part = places.slice(from, from + 20);
    return [0, 1].map((axis) => part.reduce((sum, place) => sum + place[axis]!, 0) / 20) as [number, number];
  };
  const distance = (a: number[], b: number[]): number => Math.hypot(a[0]! - b[0]!, a[1]! - b[1]!);
  const centres = [centre(0), centre(20)] as const;
  places.forEach((place, row) => {
    const [own, other] = row < 20 ? centres : [centres[1], centres[0]];
    expect(distance(place, own)).toBeLessThan(distance(place, other));
  });
  expect(await umapPlaces(groups, {})).toEqual(places);
});

test('UMAP ends when it is cancelled', async () => {
  const many = Array.from({ length: 600 }, (_, row) => Float32Array.from(uniform(`row ${row}`, 8)));
  const cancel = new AbortController();
  const onProgress = (): void => cancel.abort();
  await expect(umapPlaces(many, { signal: cancel.signal, onProgress })).rejects.toThrow(/abort/i);
});
