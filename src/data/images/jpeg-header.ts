/** A colour plane of a JPEG: blocks of a unit across and down, and which of the tables it is coded with. */
export interface JpegPlane {
  across: number;
  down: number;
  quantisers: Uint8Array;
  dc: HuffmanCodes;
  ac: HuffmanCodes;
}

/** How many codes there are of each length from 1 to 16, and their symbols, shortest first. */
export interface HuffmanCodes {
  counts: Uint8Array;
  symbols: Uint8Array;
}

/** What stands before a JPEG's coded bytes. */
export interface JpegHeader {
  width: number;
  height: number;
  /** Luma, blue, red. */
  planes: JpegPlane[];
  /** Units between two restart markers; 0: there are none. */
  restartEvery: number;
  /** Where the coded bytes begin. */
  start: number;
}

const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

/** A profile that says sRGB changes nothing but rounding; leaving it out gives Pillow's numbers. */
export function saysSrgb(profile: Buffer): boolean {
  return profile.includes('sRGB', 0, 'latin1') || profile.includes(utf16('sRGB'));
}

/**
 * The header of a JPEG as cameras and the web write most of them: baseline, one scan, luma and two colours of the same or half the size, upright,
 * sRGB. null of any other, and of what is no whole JPEG.
 */
export function readJpegHeader(bytes: Buffer): JpegHeader | null {
  try {
    return headerOf(bytes);
  } catch (error) {
    // Read beyond the end.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

interface Component {
  id: number;
  across: number;
  down: number;
  quantisers: number;
}

function headerOf(bytes: Buffer): JpegHeader | null {
  if (bytes.readUInt16BE(0) !== 0xffd8) return null;
  const quantisers: Uint8Array[] = [];
  const codes: HuffmanCodes[] = [];
  let frame: { width: number; height: number; components: Component[] } | null = null;
  let restartEvery = 0;
  let isYcc = false;
  for (let at = 2; ;) {
    if (bytes.readUInt8(at) !== 0xff) return null;
    const marker = bytes.readUInt8(at + 1);
    const length = bytes.readUInt16BE(at + 2);
    const segment = bytes.subarray(at + 4, at + 2 + length);
    if (length < 2 || segment.length !== length - 2) return null;
    at += 2 + length;
    switch (marker) {
      case 0xc0: // baseline
      case 0xc1: // the same with more tables
        if (frame) return null;
        frame = frameOf(segment);
        if (!frame) return null;
        break;
      case 0xc4:
        if (!readCodes(segment, codes)) return null;
        break;
      case 0xda:
        return frame && scanOf(segment, frame, isYcc, { quantisers, codes, restartEvery, start: at });
      case 0xdb:
        if (!readQuantisers(segment, quantisers)) return null;
        break;
      case 0xdd:
        restartEvery = segment.readUInt16BE(0);
        break;
      case 0xe0:
        isYcc ||= segment.toString('latin1', 0, 5) === 'JFIF\0';
        break;
      case 0xe1:
        if (segment.toString('latin1', 0, 6) === 'Exif\0\0' && !isUpright(segment.subarray(6))) return null;
        break;
      case 0xe2:
        if (segment.toString('latin1', 0, 12) === 'ICC_PROFILE\0' && !saysSrgb(segment)) return null;
        break;
      case 0xee:
        if (segment.toString('latin1', 0, 5) === 'Adobe' && segment.readUInt8(11) !== 1) return null;
        break;
      default:
        // Comments and other programs' segments are passed over; other kinds of JPEG are not read here.
        if (marker !== 0xfe && !(marker >= 0xe3 && marker <= 0xef)) return null;
    }
  }
}

function frameOf(segment: Buffer) {
  if (segment.readUInt8(0) !== 8 || segment.readUInt8(5) !== 3 || segment.length !== 15) return null;
  const components = [6, 9, 12].map((at) => ({
    id: segment.readUInt8(at),
    across: segment.readUInt8(at + 1) >> 4,
    down: segment.readUInt8(at + 1) & 15,
    quantisers: segment.readUInt8(at + 2),
  }));
  const [luma, ...colours] = components as [Component, Component, Component];
  const isUsual = colours.every(({ across, down }) => across === 1 && down === 1);
  const isKnown = ['1 1', '2 1', '2 2'].includes(`${luma.across} ${luma.down}`);
  const height = segment.readUInt16BE(1);
  const width = segment.readUInt16BE(3);
  return isUsual && isKnown && width > 0 && height > 0 ? { width, height, components } : null;
}

function scanOf(
  segment: Buffer,
  { width, height, components }: { width: number; height: number; components: Component[] },
  isYcc: boolean,
  {
    quantisers,
    codes,
    restartEvery,
    start,
  }: Pick<JpegHeader, 'restartEvery' | 'start'> & { quantisers: Uint8Array[]; codes: HuffmanCodes[] },
): JpegHeader | null {
  if (segment.length !== 10 || segment.readUInt8(0) !== 3) return null;
  // One scan over all coefficients, in full precision.
  if (segment.readUInt8(7) !== 0 || segment.readUInt8(8) !== 63 || segment.readUInt8(9) !== 0) return null;
  // Without JFIF's mark libjpeg takes ids 1, 2, 3 for luma and colours; others may be RGB.
  if (!isYcc && components.some(({ id }, index) => id !== index + 1)) return null;
  const planes: JpegPlane[] = [];
  for (const [index, { id, across, down, quantisers: table }] of components.entries()) {
    const tables = segment.readUInt8(2 + index * 2);
    const dc = codes[tables >> 4];
    const ac = codes[16 + (tables & 15)];
    if (segment.readUInt8(1 + index * 2) !== id || !dc || !ac || !quantisers[table]) return null;
    if (dc.symbols.some((bits) => bits > 15)) return null;
    planes.push({ across, down, quantisers: quantisers[table], dc, ac });
  }
  return { width, height, planes, restartEvery, start };
}

/** Of 8 bits, in zigzag order. */
function readQuantisers(segment: Buffer, into: Uint8Array[]): boolean {
  for (let at = 0; at < segment.length; at += 65) {
    const name = segment.readUInt8(at);
    if (name > 3 || at + 65 > segment.length) return false;
    into[name] = segment.subarray(at + 1, at + 65);
  }
  return true;
}

/** DC codes at 0 to 3, AC codes at 16 to 19. */
function readCodes(segment: Buffer, into: HuffmanCodes[]): boolean {
  for (let at = 0; at < segment.length;) {
    const name = segment.readUInt8(at);
    const counts = segment.subarray(at + 1, at + 17);
    const total = counts.reduce((sum, count) => sum + count, 0);
    const symbols = segment.subarray(at + 17, at + 17 + total);
    if ((name & 0xef) > 3 || total > 256 || symbols.length !== total) return false;
    into[name] = { counts, symbols };
    at += 17 + total;
  }
  return true;
}

/** Whether the TIFF header of EXIF data has no orientation but the usual one. */
function isUpright(tiff: Buffer): boolean {
  const order = tiff.toString('latin1', 0, 2);
  if (order !== 'II' && order !== 'MM') return false;
  const two = (at: number): number => (order === 'II' ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const first = order === 'II' ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  for (let entry = 0; entry < two(first); entry++) {
    const at = first + 2 + entry * 12;
    if (two(at) === 0x112) return two(at + 8) === 1;
  }
  return true;
}
