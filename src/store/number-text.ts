/** 10^0 ... 10^22: the powers of ten that a double holds exactly. */
const powers = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));

const [minus, plus, dot, zero, nine, quote] = [45, 43, 46, 48, 57, 34];

/**
 * Reads the number at `at` as JSON (or `toJson`) writes it into `result.value`, the place after it into `result.end`;
 * false when there is none. Gives to the last bit what `Number` gives: a number of up to 2^53 digits' worth and a power of
 * ten that is exact take one correctly rounded division or multiplication; all others go through `Number`.
 */
export function readNumber(bytes: Buffer, at: number, result: { value: number; end: number }): boolean {
  const start = at;
  let byte = bytes[at]!;
  if (byte === quote) return readName(bytes, at, result);
  const negative = byte === minus;
  if (negative) byte = bytes[++at]!;
  if (!(byte >= zero && byte <= nine)) return false;
  // Not JSON: a zero before other digits.
  if (byte === zero && bytes[at + 1]! >= zero && bytes[at + 1]! <= nine) return false;
  let digits = 0;
  let exponent = 0;
  for (; byte >= zero && byte <= nine; byte = bytes[++at]!) digits = digits * 10 + (byte - zero);
  if (byte === dot) {
    const point = ++at;
    for (byte = bytes[at]!; byte >= zero && byte <= nine; byte = bytes[++at]!)
      digits = digits * 10 + (byte - zero);
    if (at === point) return false;
    exponent = point - at;
  }
  if (byte === 101 || byte === 69) {
    let sign = 1;
    byte = bytes[++at]!;
    if (byte === minus || byte === plus) {
      if (byte === minus) sign = -1;
      byte = bytes[++at]!;
    }
    if (!(byte >= zero && byte <= nine)) return false;
    let written = 0;
    for (; byte >= zero && byte <= nine; byte = bytes[++at]!) written = written * 10 + (byte - zero);
    exponent += sign * written;
  }
  result.end = at;
  if (digits <= Number.MAX_SAFE_INTEGER && exponent >= -22 && exponent <= 22) {
    const value = exponent < 0 ? digits / powers[-exponent]! : digits * powers[exponent]!;
    result.value = negative ? -value : value;
  } else result.value = Number(bytes.toString('latin1', start, at));
  return true;
}

/** "NaN", "Infinity" or "-Infinity", in quotes. */
function readName(bytes: Buffer, at: number, result: { value: number; end: number }): boolean {
  const end = bytes.indexOf(quote, at + 1);
  const name = end < 0 || end - at > 12 ? '' : bytes.toString('latin1', at + 1, end);
  if (name !== 'NaN' && name !== 'Infinity' && name !== '-Infinity') return false;
  result.value = Number(name);
  result.end = end + 1;
  return true;
}
