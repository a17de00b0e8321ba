import type { Tensor } from 'onnxruntime-common';
import { Graph, type ElementType, type TypedArray } from './graph.ts';
import { createDeviceSession, type Buffer, type DeviceSession, type SessionSettings } from './session.ts';

/** What an array on the device is. */
export interface DeviceSpec {
  type: ElementType;
  shape: readonly number[];
}

/** Arrays by name that lie on the provider's device, and how many bytes have crossed its bus. */
export class DeviceArrays {
  /** Bytes since the beginning: to the device and back. */
  readonly traffic = { up: 0, down: 0 };
  readonly #tensors = new Map<string, { tensor: Tensor; of: DeviceSession }>();
  readonly #specs = new Map<string, DeviceSpec>();
  readonly #uploads: DeviceSession[] = [];
  readonly #downloads = new Map<string, DeviceSession>();

  constructor(private readonly settings: SessionSettings) {}

  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  /** The array on the device; what is not there is a mistake of ours. */
  tensor(name: string): Tensor {
    const found = this.#tensors.get(name);
    if (!found) throw new Error(`no array named ${name} is on the device`);
    return found.tensor;
  }

  /** Puts arrays on the device, in the place of those of the same names. */
  upload(values: Record<string, Buffer>): void {
    const session = createDeviceSession(
      copies(values),
      this.settings,
      new Set(Object.keys(values).map(output)),
    );
    this.#uploads.push(session);
    const feeds = Object.fromEntries(Object.entries(values).map(([name, value]) => [`in:${name}`, value]));
    const results = session.run(feeds, Object.keys(values).map(output));
    for (const [name, { data, type, shape }] of Object.entries(values)) {
      this.#specs.set(name, { type, shape });
      this.replace(name, results[output(name)] as Tensor, session);
      this.traffic.up += data.byteLength;
    }
  }

  /** Takes over an array that a run of the session has left on the device. */
  replace(name: string, tensor: Tensor, of: DeviceSession): void {
    this.#tensors.get(name)?.tensor.dispose();
    this.#tensors.set(name, { tensor, of });
  }

  /** Lets go of what lies in the session's memory, which ends with it, and disposes of the session. */
  end(session: DeviceSession): void {
    for (const [name, { tensor, of }] of this.#tensors) {
      if (of !== session) continue;
      tensor.dispose();
      this.#tensors.delete(name);
    }
    session.dispose();
  }

  /** Copies the uploaded arrays of these names into `into`. Only a graph can read what lies on the device: the binding's own way ends the process. */
  download(into: Record<string, TypedArray>): void {
    const names = Object.keys(into);
    const key = names.join('\n');
    let session = this.#downloads.get(key);
    if (!session) {
      const specs = Object.fromEntries(names.map((name) => [name, this.#specs.get(name)!]));
      session = createDeviceSession(copies(specs), this.settings, new Set());
      this.#downloads.set(key, session);
    }
    const feeds = Object.fromEntries(names.map((name) => [`in:${name}`, this.tensor(name)]));
    const results = session.run(feeds, names.map(output));
    for (const name of names) {
      (into[name] as Float32Array).set(results[output(name)] as Float32Array);
      this.traffic.down += into[name]!.byteLength;
    }
  }

  dispose(): void {
    for (const { tensor } of this.#tensors.values()) tensor.dispose();
    this.#tensors.clear();
    for (const session of [...this.#uploads, ...this.#downloads.values()]) session.dispose();
    this.#downloads.clear();
  }
}

/** A graph that gives each input again. */
function copies(specs: Record<string, DeviceSpec>): Graph {
  const graph = new Graph();
  for (const [name, { type, shape }] of Object.entries(specs)) {
    const value = graph.input(`in:${name}`, type, shape);
    graph.outputs.push({ name: output(name), value: graph.node1('Identity', [value], type, shape, {}) });
  }
  return graph;
}

const output = (name: string): string => `out:${name}`;
