import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { OnnxError } from '../../onnx-backend/errors.ts';
import { HumanError } from '../../protocol/human-error.ts';
import type { ExportAsk, Exported } from '../../protocol/inference.ts';
import { asHuman } from '../../store/files.ts';
import type { FinishedModel } from '../finished-model.ts';
import type { IndexOptions } from '../image-index.ts';
import { writeOnnx } from './write-onnx.ts';
import { writeProjector } from './write-projector.ts';
import { writeHuggingFace } from './write-safetensors.ts';

/** Writes a form; calls `step` after each part, which throws where nobody wants it any more. */
type Writer = (finished: FinishedModel, folder: string, step: () => void) => Promise<string[]>;

const writers: Record<ExportAsk['format'], Writer> = {
  onnx: writeOnnx,
  safetensors: writeHuggingFace,
  projector: writeProjector,
};

/** How many parts there are. */
const partsOf = ({ model }: FinishedModel, format: ExportAsk['format']): number =>
  ({ onnx: model.fusion.pairSimilarity ? 5 : 4, safetensors: 3, projector: 2 })[format];

/** Writes a finished model, or what it makes of its validation side, into a folder for other programs. */
export async function exportFinished(
  finished: FinishedModel,
  { format, folder }: ExportAsk,
  { signal, onProgress }: IndexOptions = {},
): Promise<Exported> {
  const total = partsOf(finished, format);
  let done = 0;
  const step = (): void => {
    signal?.throwIfAborted();
    onProgress?.(done++, total);
  };
  try {
    step();
    await mkdir(folder, { recursive: true });
    const notes = await writers[format](finished, folder, step);
    step();
    const names = await readdir(folder, { recursive: true });
    const files = await Promise.all(
      names.map(async (name) => ({ name, found: await stat(join(folder, name)) })),
    );
    return {
      folder,
      notes,
      files: files
        .filter(({ found }) => found.isFile())
        .map(({ name, found }) => ({ name: name.replaceAll('\\', '/'), bytes: found.size }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    };
  } catch (error) {
    if (signal?.aborted) throw error;
    if (error instanceof OnnxError) throw new HumanError(error.what, error.todo, error.code);
    throw asHuman(error, folder);
  }
}
