import { open } from 'node:fs/promises';
import { HumanError } from '../protocol/human-error.ts';
import { firstBytesLength, lookAtFirstBytes } from '../text/first-bytes.ts';
import { said } from '../text/say.ts';

/** HumanError `bad_weights` when a file of weights or a text beside them is of another kind: a Git LFS pointer, a web page, an archive. */
export async function refuseOtherKinds(files: readonly string[]): Promise<void> {
  for (const file of files) {
    const start = await firstBytesOf(file);
    // A safetensors file begins with its header's length, which may be any number.
    const found = start[8] === 0x7b ? null : lookAtFirstBytes(start);
    if (found && (found.kind !== 'empty' || /\.(safetensors|onnx)$/.test(file)))
      throw new HumanError(said('{0} is {1}.', file, found.what), found.todo, 'bad_weights');
  }
}

async function firstBytesOf(file: string): Promise<Buffer> {
  const handle = await open(file, 'r');
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(firstBytesLength), 0, firstBytesLength, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
