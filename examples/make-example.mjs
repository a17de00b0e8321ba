// Makes examples/emoji: small pictures and their words, the example that the extension ships.   node examples/make-example.mjs
// Pictures: Fluent Emoji by Microsoft (npm @lobehub/fluent-emoji-3d, MIT). Words: emojibase-data (MIT).
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import sharp from 'sharp';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'examples/emoji');
const assets = join(root, 'node_modules/@lobehub/fluent-emoji-3d/assets');
const emoji = JSON.parse(readFileSync(join(root, 'node_modules/emojibase-data/en/data.json'), 'utf8'));

const plain = (hexcode) =>
  hexcode
    .toUpperCase()
    .split('-')
    .filter((point) => point !== 'FE0F')
    .join('-');
const pictures = new Map(
  readdirSync(assets).map((file) => [plain(file.replace('.webp', '')), join(assets, file)]),
);

/** Emojibase's groups 3, 4, 5: animals and plants, food, places and vehicles. Every second one, until there are enough. */
const chosen = emoji
  .filter((one) => [3, 4, 5].includes(one.group) && pictures.has(plain(one.hexcode)))
  .filter((_, index) => index % 2 === 0)
  .slice(0, 240);

rmSync(join(folder, 'pictures'), { recursive: true, force: true });
mkdirSync(join(folder, 'pictures'), { recursive: true });
const rows = ['image,caption'];
for (const one of chosen) {
  const name = `${one.label.toLowerCase().replace(/[^a-z0-9]+/g, '-')}.webp`;
  await sharp(pictures.get(plain(one.hexcode)))
    .resize(64, 64)
    .webp({ quality: 80 })
    .toFile(join(folder, 'pictures', name));
  const words = new Set(one.label.toLowerCase().split(/\W+/));
  const caption = [
    one.label,
    ...(one.tags ?? []).filter((tag) => !words.has(tag.toLowerCase())).slice(0, 4),
  ].join(', ');
  rows.push(`pictures/${name},"${caption.replaceAll('"', '""')}"`);
}
writeFileSync(join(folder, 'pairs.csv'), `${rows.join('\n')}\n`);
console.log(`${chosen.length} pictures`);
