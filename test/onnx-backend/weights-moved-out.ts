import { changed, field, inside } from '../../src/onnx-backend/join/wire.ts';

/** A model as exporters write large ones: every initializer that lies in it as bytes is moved out of it, into a file of that name. */
export function weightsMovedOut(model: Uint8Array, name: string): { model: Buffer; data: Buffer } {
  const weights: Uint8Array[] = [];
  let size = 0;
  const text = (key: string, value: string) =>
    field(13, [...field(1, [Buffer.from(key)]), ...field(2, [Buffer.from(value)])]);
  const rest = changed(model, {
    7: inside({
      5: (tensor) => {
        let bytes: Uint8Array | null = null;
        const rest = changed(tensor, { 9: (content) => ((bytes = content), null) });
        if (bytes === null) return [tensor];
        weights.push(bytes);
        const [offset, length] = [size, (bytes as Uint8Array).byteLength];
        size += length;
        const isOutside = Buffer.from([14 << 3, 1]);
        return [
          ...rest,
          ...text('location', name),
          ...text('offset', `${offset}`),
          ...text('length', `${length}`),
          isOutside,
        ];
      },
    }),
  });
  return { model: Buffer.concat(rest), data: Buffer.concat(weights) };
}
