import { deflateRawSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { inOneClause, lookAtFirstBytes } from '../../src/text/first-bytes.ts';
import { textOf } from '../../src/text/say.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

/** The local header of a zip's first member, as its specification lays it out (APPNOTE 4.3.7). */
function zipOf(name: string): Buffer {
  const header = Buffer.alloc(30);
  header.write('PK\x03\x04', 'latin1');
  header.writeUInt16LE(8, 8);
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, bytes(name), deflateRawSync('x')]);
}

// Signatures are those of the formats' own specifications (and of file(1)).
test.each<[string, Buffer, string]>([
  ['nothing', Buffer.alloc(0), 'empty'],
  [
    'a pointer',
    bytes(`version https://git-lfs.github.com/spec/v1\noid sha256:${'ab'.repeat(32)}\nsize 48213\n`),
    'a Git LFS pointer, not the file itself (48,213 bytes)',
  ],
  ['gzip', gzipSync('image,caption'), 'compressed (gzip)'],
  ['zip', zipOf('pairs.csv'), 'a zip archive'],
  ['an empty zip', bytes(`PK\x05\x06${'\0'.repeat(18)}`), 'a zip archive'],
  ['xlsx', zipOf('[Content_Types].xml'), 'a spreadsheet (xlsx)'],
  ['torch.save', zipOf('archive/data.pkl'), 'of PyTorch’s own format'],
  ['npz', zipOf('arr_0.npy'), 'a NumPy archive (npz)'],
  ['Arrow', bytes('ARROW1\0\0\xff\xff\xff\xff'), 'an Arrow file'],
  ['HDF5', bytes('\x89HDF\r\n\x1a\n\0'), 'an HDF5 file'],
  ['NumPy', bytes('\x93NUMPY\x01\0v\0'), 'a NumPy array (npy)'],
  ['a pickle of protocol 4', bytes('\x80\x04\x95\x1a\0\0\0\0\0\0\0}\x94'), 'a Python pickle'],
  ['a pickle of protocol 2', bytes('\x80\x02}q\0'), 'a Python pickle'],
  ['SQLite', bytes('SQLite format 3\0\x10'), 'an SQLite database'],
  [
    'a page',
    bytes('\n <!DOCTYPE html><html lang="en">'),
    'a web page (HTML), as a site sends in place of a file',
  ],
  ['HEIC', bytes('\0\0\0\x18ftypheic\0\0\0\0'), 'an HEIC image'],
  ['BMP', bytes('BM\x36\x0c\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0'), 'a BMP image'],
  ['an icon', bytes('\0\0\x01\0\x01\0\x10\x10\0\0\x01\0\x20\0'), 'an icon (ICO)'],
  ['JPEG 2000', bytes('\0\0\0\x0cjP  \r\n\x87\n\0'), 'a JPEG 2000 image'],
  ['xz', bytes('\xfd7zXZ\0\0\x04'), 'compressed (xz)'],
  ['zstd', bytes('\x28\xb5\x2f\xfd\x04'), 'compressed (zstd)'],
])('%s is named', (_, start, what) => expect(textOf(lookAtFirstBytes(start)!.what)).toBe(what));

test.each([
  ['a csv', 'image,caption\na.png,BM and PK\n'],
  ['a list in JSON', '[{"image": "a.png"}]'],
  ['a caption that begins like a format', 'BMW on a street'],
  ['a drawing', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
  ['PNG', '\x89PNG\r\n\x1a\n'],
  ['JPEG', '\xff\xd8\xff\xe0\0\x10JFIF'],
  ['AVIF', '\0\0\0\x20ftypavif\0\0\0\0avifmif1'],
  ['Parquet', 'PAR1\x15\0'],
])('%s is taken for nothing else', (_, start) => expect(lookAtFirstBytes(bytes(start))).toBeNull());

test('one clause for lists of reasons', () => {
  expect(inOneClause(lookAtFirstBytes(bytes('\0\0\0\x18ftypheic'))!)).toBe(
    'an HEIC image: convert it to JPEG, PNG or WebP',
  );
});
