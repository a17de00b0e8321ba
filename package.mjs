// Makes the .vsix of one platform: bundled JavaScript, and that platform's binaries of onnxruntime and sharp only.
//   node package.mjs --target linux-x64 [--out FILE.vsix] [--no-build]   (--no-build: what lies in dist, not minified)
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** VS Code's targets, and what the native packages call them. onnxruntime has no binaries for Intel Macs: there `cpu` trains. */
const targets = {
  'linux-x64': { onnx: 'linux/x64', sharp: 'linux-x64', libvips: true },
  'linux-arm64': { onnx: 'linux/arm64', sharp: 'linux-arm64', libvips: true },
  'darwin-arm64': { onnx: 'darwin/arm64', sharp: 'darwin-arm64', libvips: true },
  'darwin-x64': { onnx: null, sharp: 'darwin-x64', libvips: true },
  'win32-x64': { onnx: 'win32/x64', sharp: 'win32-x64', libvips: false },
  'win32-arm64': { onnx: 'win32/arm64', sharp: 'win32-arm64', libvips: false },
};
const limitBytes = 40 * 1024 * 1024;

const root = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({
  options: { target: { type: 'string' }, out: { type: 'string' }, 'no-build': { type: 'boolean' } },
});
const target = values.target ?? `${process.platform}-${process.arch}`;
const platform = targets[target];
if (!platform) {
  console.error(`There is no target ${target}. Take one of ${Object.keys(targets).join(', ')}.`);
  process.exit(2);
}

const stage = mkdtempSync(join(tmpdir(), 'tandem-vsix-'));
try {
  await main();
} finally {
  rmSync(stage, { recursive: true, force: true });
}

async function main() {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const dist = join(stage, 'dist');
  if (values['no-build']) cpSync(join(root, 'dist'), dist, { recursive: true });
  else execFileSync('node', ['build.mjs', '--minify', '--out', dist], { cwd: root, stdio: 'inherit' });
  removeUnshipped(dist);
  stageFiles(manifest);
  stageNative();
  const file = resolve(root, values.out ?? `tandem-${target}-${manifest.version}.vsix`);
  const { createVSIX } = await import('@vscode/vsce');
  await createVSIX({
    cwd: stage,
    packagePath: file,
    target,
    dependencies: false,
    allowMissingRepository: true,
    rewriteRelativeLinks: false,
    skipLicense: false,
  });
  const { size } = statSync(file);
  console.log(`${file}: ${(size / 1024 / 1024).toFixed(1)} MB`);
  if (size > limitBytes) {
    console.error(`That is more than ${limitBytes / 1024 / 1024} MB.`);
    process.exitCode = 1;
  }
}

/** Of the built programs only those that the extension runs: no maps, no demo, nothing built besides. */
function removeUnshipped(dist) {
  const isShipped =
    /^(extension\.cjs|(inference|sampler)\.js|(tandem|trainer)(-[A-Z0-9]+)?\.js|panel\.(js|css)|panel-texts\.json)$/;
  for (const name of readdirSync(dist))
    if (!isShipped.test(name)) rmSync(join(dist, name), { recursive: true });
}

/** What the extension is at run time, without sources, maps and development settings. */
function stageFiles(manifest) {
  const {
    scripts,
    devDependencies,
    dependencies,
    optionalDependencies,
    private: _private,
    ...shipped
  } = manifest;
  void [scripts, devDependencies, dependencies, optionalDependencies, _private];
  writeFileSync(join(stage, 'package.json'), JSON.stringify(shipped, null, 2));
  for (const name of ['media', 'l10n', 'examples/emoji'])
    if (existsSync(join(root, name))) cpSync(join(root, name), join(stage, name), { recursive: true });
  for (const name of readdirSync(root))
    if (/^(package\.nls.*\.json|README\.md|CHANGELOG\.md|LICENSE|THIRD_PARTY_NOTICES\.md)$/.test(name))
      cpSync(join(root, name), join(stage, name));
}

/** The packages with binaries lie beside the bundles, where Node looks first. */
function stageNative() {
  const into = join(stage, 'dist/node_modules');
  rmSync(into, { recursive: true, force: true });
  const copy = (name, filter = () => true) =>
    cpSync(join(root, 'node_modules', name), join(into, name), {
      recursive: true,
      filter: (path) => isNeeded(path) && filter(path),
    });
  const isNeeded = (path) => !/\.(map|d\.[cm]?ts|ts|md)$/i.test(path) || /LICENSE/i.test(path);
  if (platform.onnx) {
    const bin = join(root, 'node_modules/onnxruntime-node/bin');
    const isOwn = (path) => {
      const inside = path.startsWith(bin)
        ? path
            .slice(bin.length + 1)
            .split(/[\\/]/)
            .slice(1)
            .join('/')
        : '';
      return inside === '' || platform.onnx.startsWith(inside) || inside.startsWith(`${platform.onnx}/`);
    };
    copy('onnxruntime-node', (path) => isOwn(path) && !/[\\/](script|lib)$/.test(path));
    copy('onnxruntime-common', (path) => !/[\\/]dist[\\/]esm|[\\/]lib$/.test(path));
  }
  copy('sharp', (path) => !/[\\/](src|install)$/.test(path));
  for (const name of ['detect-libc', 'semver', '@img/colour']) copy(name);
  copyPlatformPackage(`@img/sharp-${platform.sharp}`, into);
  if (platform.libvips) copyPlatformPackage(`@img/sharp-libvips-${platform.sharp}`, into);
}

/** From node_modules when it is this machine's, else from the registry. */
function copyPlatformPackage(name, into) {
  const own = join(root, 'node_modules', name);
  const isBinary = (path) => !/[\\/](include|glib-2\.0)$|\.(h|d\.ts)$/.test(path);
  if (existsSync(own)) {
    cpSync(own, join(into, name), { recursive: true, filter: isBinary });
    return;
  }
  const sharp = JSON.parse(readFileSync(join(root, 'node_modules/sharp/package.json'), 'utf8'));
  const version = sharp.optionalDependencies[name];
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', `${name}@${version}`, '--json'], { cwd: stage, encoding: 'utf8' }),
  );
  mkdirSync(join(into, name), { recursive: true });
  execFileSync('tar', ['-xzf', join(stage, packed.filename), '--strip-components=1', '-C', join(into, name)]);
  rmSync(join(stage, packed.filename));
}
