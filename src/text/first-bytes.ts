import { counted } from './numbers.ts';
import { said, t, textOf, type Said } from './say.ts';

/** What a file is by its first bytes, where that may be another thing than what is wanted of it. */
export interface FirstBytes {
  kind: Kind;
  /** Completes "FILE is ...". */
  what: Said;
  /** A sentence: what to do with such a file. */
  todo: Said;
}

type Kind = 'empty' | 'pointer' | 'gzip' | 'container' | 'data' | 'page' | 'image';

/** As many bytes of the beginning as are looked at. */
export const firstBytesLength = 4096;

/** What the first bytes of a file say it is; null for what is plain text, or is told apart by those who read it. */
export function lookAtFirstBytes(start: Uint8Array): FirstBytes | null {
  if (start.length === 0)
    return { kind: 'empty', what: said('empty'), todo: said('Write or download it again.') };
  const text = String.fromCharCode(...start.subarray(0, firstBytesLength));
  if (text.startsWith('version https://git-lfs.github.com/spec/')) return pointer(text);
  const known = signatures.find(([at, pattern]) =>
    typeof pattern === 'string' ? text.startsWith(pattern, at) : pattern.test(text.slice(at)),
  );
  if (!known) return null;
  const [, , kind, what, todo] = known;
  return { kind, what, todo };
}

/** What is said of such a file after its name: `a BMP image: convert it to JPEG`. */
export function inOneClause({ what, todo }: FirstBytes): string {
  const advice = textOf(todo);
  return t('{0}: {1}', textOf(what), advice.charAt(0).toLowerCase() + advice.slice(1).replace(/[.。]$/, ''));
}

function pointer(text: string): FirstBytes {
  const size = /^size (\d+)$/m.exec(text)?.[1];
  return {
    kind: 'pointer',
    what:
      size === undefined
        ? said('a Git LFS pointer, not the file itself')
        : said('a Git LFS pointer, not the file itself ({0} bytes)', counted(Number(size))),
    todo: said('Run git lfs pull in its repository.'),
  };
}

const unpack = (program: string): Said => said('Unpack it ({0}) and name the file inside.', program);
const toJpeg = said('Convert it to JPEG, PNG or WebP.');
const toParquet = said('Write it as Parquet, which pandas, pyarrow and Hugging Face’s datasets do.');
const toSafetensors = said(
  'Save it as safetensors, or write a list as CSV: it can run code when it is read.',
);

/** Where the signature stands, the signature, and what it says. The first that fits counts. */
const signatures: [number, string | RegExp, Kind, Said, Said][] = [
  [0, '\x1f\x8b', 'gzip', said('compressed (gzip)'), unpack('gunzip -k')],
  [0, /^PK\x03\x04[\s\S]*\/data\.pkl/, 'data', said('of PyTorch’s own format'), toSafetensors],
  [
    0,
    /^PK\x03\x04[\s\S]*(?:\[Content_Types\]\.xml|xl\/|_rels\/)/,
    'container',
    said('a spreadsheet (xlsx)'),
    said('Save the sheet as CSV (UTF-8) and name that.'),
  ],
  [0, /^PK\x03\x04[\s\S]*\.npy/, 'data', said('a NumPy archive (npz)'), toParquet],
  [0, /^PK(?:\x03\x04|\x05\x06)/, 'container', said('a zip archive'), unpack('unzip')],
  [0, '\xfd7zXZ\0', 'container', said('compressed (xz)'), unpack('unxz -k')],
  [0, /^BZh[1-9]/, 'container', said('compressed (bzip2)'), unpack('bunzip2 -k')],
  [0, '\x28\xb5\x2f\xfd', 'container', said('compressed (zstd)'), unpack('unzstd')],
  [0, '7z\xbc\xaf\x27\x1c', 'container', said('a 7z archive'), unpack('7z x')],
  [0, 'Rar!\x1a\x07', 'container', said('a rar archive'), unpack('unrar x')],
  [0, 'ARROW1', 'data', said('an Arrow file'), toParquet],
  [0, /^\xff\xff\xff\xff[\s\S]{4}[\s\S]{0,40}\n\0/, 'data', said('an Arrow stream'), toParquet],
  [0, 'FEA1', 'data', said('a Feather file'), toParquet],
  [0, '\x89HDF\r\n\x1a\n', 'data', said('an HDF5 file'), toParquet],
  [0, '\x93NUMPY', 'data', said('a NumPy array (npy)'), toParquet],
  [0, 'SQLite format 3\0', 'data', said('an SQLite database'), said('Export its table as CSV.')],
  [0, /^\x80[\x02-\x05][\s\S]?[\x28-\x7d\x95]/, 'data', said('a Python pickle'), toSafetensors],
  [0, '%PDF-', 'data', said('a PDF document'), said('Export the images or the table from it.')],
  [
    0,
    /^(?:\xef\xbb\xbf)?\s*(?:<!doctype html|<html|<head|<body|<script)/i,
    'page',
    said('a web page (HTML), as a site sends in place of a file'),
    said('Download the file itself again.'),
  ],
  [4, /^ftyp(?:heic|heix|hevc|hevx|heim|heis|mif1|msf1)/, 'image', said('an HEIC image'), toJpeg],
  [0, /^BM[\s\S]{4}\0\0\0\0/, 'image', said('a BMP image'), toJpeg],
  [0, /^\0\0[\x01\x02]\0[\x01-\xff]\0[\s\S]{3}\0/, 'image', said('an icon (ICO)'), toJpeg],
  [0, '\0\0\0\x0cjP  \r\n\x87\n', 'image', said('a JPEG 2000 image'), toJpeg],
  [0, '\xff\x4f\xff\x51', 'image', said('a JPEG 2000 image'), toJpeg],
  [0, /^(?:\xff\x0a|\0\0\0\x0cJXL )/, 'image', said('a JPEG XL image'), toJpeg],
  [0, '8BPS', 'image', said('a Photoshop image'), toJpeg],
];
