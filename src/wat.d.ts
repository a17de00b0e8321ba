/** WebAssembly, assembled from its text form when the program is built. */
declare module '*.wat' {
  export const code: Uint8Array<ArrayBuffer>;
}
