import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { OnnxError } from '../../onnx-backend/errors.ts';
import { listed } from '../../text/words.ts';
import { HumanError } from '../../protocol/human-error.ts';
import type { ExportAsk, Exported } from '../../protocol/inference.ts';
import { asHuman } from '../../store/files.ts';
import type { FinishedModel } from '../finished-model.ts';
import { writeOnnx } from './write-onnx.ts';
import { writeProjector } from './write-projector.ts';
import { writeHuggingFace } from './write-safetensors.ts';
import { said } from '../../text/say.ts';

const writers: Record<ExportAsk['format'], (finished: FinishedModel, folder: string) => Promise<string[]>> = {
  onnx: writeOnnx,
  safetensors: writeHuggingFace,
  projector: writeProjector,
};

/** Writes a finished model, or what it makes of its validation side, into a folder for other programs. */
export async function exportFinished(
  finished: FinishedModel,
  { format, folder }: ExportAsk,
): Promise<Exported> {
  const sides = (['image', 'text'] as const).filter(
    (side) => finished.config.model[`${side}_encoder`].name === 'auto',
  );
  if (format !== 'projector' && sides.length > 0)
    throw new HumanError(
      said('The {0} encoder of this run is an ONNX file of others, which Tandem only ran.', listed(sides)),
      said('Take that file as it is beside the checkpoint’s projections, or export with --format projector.'),
      'not_exportable',
    );
  try {
    await mkdir(folder, { recursive: true });
    const notes = await writers[format](finished, folder);
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
    if (error instanceof OnnxError) throw new HumanError(error.what, error.todo, error.code);
    throw asHuman(error, folder);
  }
}
