import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { pointTo } from '../../src/weights/hub-cache.ts';

// As on Windows without the right to make links.
vi.mock('node:fs/promises', async (original) => ({
  ...(await original<object>()),
  symlink: () => Promise.reject(Object.assign(new Error('not permitted'), { code: 'EPERM' })),
}));

it('where the system makes no links the cache has the files themselves, as Python has them there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-links-'));
  const [blob, first, second] = ['blob', 'a/first', 'a/second'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(blob, 'bytes');
  await pointTo(blob, first, false);
  expect(readdirSync(folder).sort()).toEqual(['a', 'blob']);
  await pointTo(blob, second, true);
  expect(readdirSync(folder)).toEqual(['a']);
  expect([readFileSync(first, 'utf8'), readFileSync(second, 'utf8')]).toEqual(['bytes', 'bytes']);
  rmSync(folder, { recursive: true });
});
