import { counted } from './numbers.ts';

/** What a file is by its first bytes, where that may be another thing than what is wanted of it. */
export interface FirstBytes {
  kind: Kind;
  /** Completes "FILE is ...". */
  what: string;
  /** A sentence: what to do with such a file. */
  todo: string;
}

type Kind = 'empty' | 'pointer' | 'gzip' | 'container' | 'data' | 'page' | 'image';

/** As many bytes of the beginning as are looked at. */
export const firstBytesLength = 4096;

/** What the first bytes of a file say it is; null for what is plain text, or is told apart by those who read it. */
export function lookAtFirstBytes(start: Uint8Array): FirstBytes | null {
  if (start.length === 0) return { kind: 'empty', what: 'empty', todo: 'Write or download it again.' };
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
  return `${what}: ${todo.charAt(0).toLowerCase()}${todo.slice(1).replace(/\.$/, '')}`;
}

function pointer(text: string): FirstBytes {
  const size = /^size (\d+)$/m.exec(text)?.[1];
  return {
    kind: 'pointer',
    what: `a Git LFS pointer, not the file itself${size === undefined ? '' : ` (${counted(Number(size))} bytes)`}`,
    todo: 'Run git lfs pull in its repository.',
  };
}

const unpack = (program: string): string => `Unpack it (${program}) and name the file inside.`;
const toJpeg = 'Convert it to JPEG, PNG or WebP.';
const toParquet = 'Write it as Parquet, which pandas, pyarrow and Hugging Face’s datasets do.';
const toSafetensors = 'Save it as safetensors, or write a list as CSV: it can run code when it is read.';

/** Where the signature stands, the signature, and what it says. The first that fits counts. */
const signatures: [number, string | RegExp, Kind, string, string][] = [
  [0, '\x1f\x8b', 'gzip', 'compressed (gzip)', unpack('gunzip -k')],
  [0, /^PK\x03\x04[\s\S]*\/data\.pkl/, 'data', 'of PyTorch’s own format', toSafetensors],
  [
    0,
    /^PK\x03\x04[\s\S]*(?:\[Content_Types\]\.xml|xl\/|_rels\/)/,
    'container',
    'a spreadsheet (xlsx)',
    'Save the sheet as CSV (UTF-8) and name that.',
  ],
  [0, /^PK\x03\x04[\s\S]*\.npy/, 'data', 'a NumPy archive (npz)', toParquet],
  [0, /^PK(?:\x03\x04|\x05\x06)/, 'container', 'a zip archive', unpack('unzip')],
  [0, '\xfd7zXZ\0', 'container', 'compressed (xz)', unpack('unxz -k')],
  [0, /^BZh[1-9]/, 'container', 'compressed (bzip2)', unpack('bunzip2 -k')],
  [0, '\x28\xb5\x2f\xfd', 'container', 'compressed (zstd)', unpack('unzstd')],
  [0, '7z\xbc\xaf\x27\x1c', 'container', 'a 7z archive', unpack('7z x')],
  [0, 'Rar!\x1a\x07', 'container', 'a rar archive', unpack('unrar x')],
  [0, 'ARROW1', 'data', 'an Arrow file', toParquet],
  [0, /^\xff\xff\xff\xff[\s\S]{4}[\s\S]{0,40}\n\0/, 'data', 'an Arrow stream', toParquet],
  [0, 'FEA1', 'data', 'a Feather file', toParquet],
  [0, '\x89HDF\r\n\x1a\n', 'data', 'an HDF5 file', toParquet],
  [0, '\x93NUMPY', 'data', 'a NumPy array (npy)', toParquet],
  [0, 'SQLite format 3\0', 'data', 'an SQLite database', 'Export its table as CSV.'],
  [0, /^\x80[\x02-\x05][\s\S]?[\x28-\x7d\x95]/, 'data', 'a Python pickle', toSafetensors],
  [0, '%PDF-', 'data', 'a PDF document', 'Export the images or the table from it.'],
  [
    0,
    /^(?:\xef\xbb\xbf)?\s*(?:<!doctype html|<html|<head|<body|<script)/i,
    'page',
    'a web page (HTML), as a site sends in place of a file',
    'Download the file itself again.',
  ],
  [4, /^ftyp(?:heic|heix|hevc|hevx|heim|heis|mif1|msf1)/, 'image', 'an HEIC image', toJpeg],
  [0, /^BM[\s\S]{4}\0\0\0\0/, 'image', 'a BMP image', toJpeg],
  [0, /^\0\0[\x01\x02]\0[\x01-\xff]\0[\s\S]{3}\0/, 'image', 'an icon (ICO)', toJpeg],
  [0, '\0\0\0\x0cjP  \r\n\x87\n', 'image', 'a JPEG 2000 image', toJpeg],
  [0, '\xff\x4f\xff\x51', 'image', 'a JPEG 2000 image', toJpeg],
  [0, /^(?:\xff\x0a|\0\0\0\x0cJXL )/, 'image', 'a JPEG XL image', toJpeg],
  [0, '8BPS', 'image', 'a Photoshop image', toJpeg],
];
