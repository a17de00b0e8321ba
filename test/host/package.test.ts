import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const limitBytes = 40 * 1024 * 1024;

/** Names in a zip archive, from its central directory. */
function namesIn(zip: Buffer): string[] {
  const names: string[] = [];
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [name, extra, comment] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset));
    names.push(zip.toString('utf8', at + 46, at + 46 + name!));
    at += 46 + name! + extra! + comment!;
  }
  return names;
}

describe('the package for linux-x64', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-package-'));
  let zip = Buffer.alloc(0);
  let names: string[] = [];

  beforeAll(() => {
    const file = join(folder, 'tandem.vsix');
    execFileSync('node', ['package.mjs', '--target', 'linux-x64', '--out', file], {
      cwd: root,
      stdio: 'ignore',
    });
    zip = readFileSync(file);
    names = namesIn(zip).map((name) => name.replace(/^extension\//, ''));
  }, 180_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is small enough to install', () => expect(zip.length).toBeLessThan(limitBytes));

  it('holds the binaries of that platform and no other', () => {
    const binaries = names.filter((name) => /\.(node|dll|dylib|so(\.[\d.]+)?|wasm)$/.test(name));
    expect(binaries.length).toBeGreaterThan(2);
    for (const name of binaries) expect(name).toMatch(/linux[-/]x64/);
  });

  it('holds programs, translations, walkthrough and example, and nothing from development', () => {
    for (const name of [
      'dist/extension.cjs',
      'dist/trainer.js',
      'dist/tandem.js',
      'dist/panel.js',
      'dist/panel.css',
      'l10n/bundle.l10n.zh-cn.json',
      'package.nls.zh-cn.json',
      'media/walkthrough/start.svg',
      'examples/emoji/emoji.tandem.yaml',
      'examples/emoji/pairs.csv',
    ])
      expect(names, name).toContain(name);
    expect(names.filter((name) => /^(src|test|bench)\/|\.map$|\.ts$|^dist\/(bench|demo)/.test(name))).toEqual(
      [],
    );
  });
});
