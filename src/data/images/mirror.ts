/** Exchanges left and right of an image of `side` x `side` 8-bit RGB pixels, in its place. */
export function mirror(pixels: Uint8Array, side: number): void {
  const stride = side * 3;
  for (let row = 0; row < pixels.length; row += stride)
    for (let left = row, right = row + stride - 3; left < right; left += 3, right -= 3)
      for (let colour = 0; colour < 3; colour++) {
        const kept = pixels[left + colour]!;
        pixels[left + colour] = pixels[right + colour]!;
        pixels[right + colour] = kept;
      }
}
