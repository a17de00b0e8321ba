import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { showError } from '../../src/launcher/cli/errors.ts';
import { makeFolder } from '../../src/store/files.ts';
import { needs } from '../needs.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'tandem-read-only-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Whether this process may have disks of its own. */
function mount(...options: string[]): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options.join(), 'tmpfs', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
const canMount = (() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-read-only-'));
  const can = mount('ro');
  if (can) execFileSync('umount', ['-l', folder]);
  rmSync(folder, { recursive: true, force: true });
  return can;
})();

it('a folder is made with those around it, also where it is there', async () => {
  await makeFolder(join(folder, 'a/b/c'));
  await makeFolder(join(folder, 'a/b/c'));
  await Promise.all([1, 2, 3].map(() => makeFolder(join(folder, 'd/e/f'))));
});

it.runIf(needs(canMount, 'the right to mount a file system'))(
  'a folder on a read-only disk is refused for that reason, at any depth',
  async () => {
    mount('ro');
    try {
      for (const path of ['a', 'a/b/c'])
        await expect(makeFolder(join(folder, path))).rejects.toThrow(
          /^The disk is read-only: .* Make it writable/,
        );
    } finally {
      execFileSync('umount', ['-l', folder]);
    }
  },
);

describe('an error at the command', () => {
  const shown = async (error: unknown) => {
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      const code = await showError(error, { json: false });
      return { code, text: write.mock.calls.map(([text]) => String(text)).join('') };
    } finally {
      write.mockRestore();
    }
  };
  const systemError = (code: string) =>
    Object.assign(new Error(`${code}: whatever`), { code, path: '/data/x' });

  it.each([
    ['EROFS', 'The disk is read-only: /data/x could not be read or written.'],
    ['ENOSPC', 'The disk is full: /data/x could not be read or written.'],
    ['EMFILE', 'Too many files are open: /data/x could not be read or written.'],
    ['EIO', 'The disk reports an error: /data/x could not be read or written.'],
    ['EACCES', 'There is no permission: /data/x could not be read or written.'],
  ])('%s is the machine’s and no fault of ours', async (code, expected) => {
    const { text } = await shown(systemError(code));
    expect(text.startsWith(expected), text).toBe(true);
    expect(text).not.toContain('fault of Tandem');
  });

  it('what nobody foresaw is a fault of ours', async () => {
    vi.stubEnv('HOME', folder);
    expect(await shown(new TypeError('x is undefined'))).toMatchObject({
      code: 3,
      text: expect.stringContaining('This is a fault of Tandem'),
    });
    vi.unstubAllEnvs();
  });
});
