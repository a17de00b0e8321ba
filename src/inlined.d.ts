/** WebAssembly, assembled from its text form when the program is built. */
declare module '*.wat' {
  export const code: Uint8Array<ArrayBuffer>;
}

/** A program for a thread, bundled when the program that starts it is built. */
declare module '*?source' {
  export const source: string;
}
