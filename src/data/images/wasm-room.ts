const pageBytes = 65_536;
/** A memory that an unusually large image made larger than this is given back. */
const keptBytes = 2 ** 25;

/** A memory, and the loops of a WebAssembly module over it. */
export interface WasmRoom<Loops> {
  memory: WebAssembly.Memory;
  loops: Loops;
}

/** Gives a room of at least so many bytes: the same at every call, unless it is too small. What the last user left is in it. */
export function wasmRoom<Loops>(code: Uint8Array<ArrayBuffer>): (bytes: number) => WasmRoom<Loops> {
  let compiled: WebAssembly.Module | null = null;
  let kept: WasmRoom<Loops> | null = null;
  return (bytes) => {
    if (kept && kept.memory.buffer.byteLength >= bytes) return kept;
    compiled ??= new WebAssembly.Module(code);
    const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / pageBytes) });
    const { exports } = new WebAssembly.Instance(compiled, { own: { memory } });
    const room = { memory, loops: exports as unknown as Loops };
    if (bytes <= keptBytes) kept = room;
    return room;
  };
}

export const aligned = (length: number): number => Math.ceil(length / 16) * 16;

/** Gives out places in a memory one after the other, each with room for the 16 bytes that a loop may look beyond its end. */
export function places(): (length: number) => number {
  let end = 0;
  return (length) => {
    const at = end;
    end = aligned(end + length + 16);
    return at;
  };
}
