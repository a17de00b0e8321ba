import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSafetensors } from '../../store/safetensors.ts';
import type { Tensors } from '../../store/tensors.ts';
import { imagePrefix, textPrefix } from '../../trainer/model/model.ts';
import type { FinishedModel } from '../finished-model.ts';
import { json, preprocessorConfig, tokenizerFiles } from './companions.ts';
import { imageConfig, textConfig } from './encoder-configs.ts';
import { transformersName } from './hugging-face-names.ts';
import { safetensorsReadme } from './safetensors-readme.ts';

/**
 * Writes each encoder as a folder that transformers' from_pretrained loads, the image encoder also under torchvision's names, and the rest of
 * the model (projections, fusion, temperature) as head.safetensors. What should be known of it.
 */
export async function writeHuggingFace(finished: FinishedModel, folder: string): Promise<string[]> {
  const [imageFolder, textFolder] = [join(folder, 'image_encoder'), join(folder, 'text_encoder')];
  for (const each of [imageFolder, textFolder]) await mkdir(each, { recursive: true });
  const notes: string[] = [];

  const image = arraysOf(finished, (name) => name.startsWith(imagePrefix), imagePrefix);
  const ofImage = imageConfig(finished);
  if (ofImage) {
    await write(join(imageFolder, 'model.safetensors'), renamed(image, transformersName));
    await write(join(imageFolder, 'torchvision.safetensors'), image);
    await writeFile(join(imageFolder, 'config.json'), json(ofImage));
  } else {
    await write(join(imageFolder, 'model.safetensors'), image);
    notes.push(
      `transformers and torchvision have no ${finished.config.model.image_encoder.name}: its arrays are there without a config.json; --format onnx is a whole model.`,
    );
  }
  await writeFile(join(imageFolder, 'preprocessor_config.json'), json(preprocessorConfig(finished)));

  await write(
    join(textFolder, 'model.safetensors'),
    arraysOf(finished, (name) => name.startsWith(textPrefix), textPrefix),
  );
  const ofText = textConfig(finished);
  if (ofText) await writeFile(join(textFolder, 'config.json'), json(ofText));
  for (const [name, content] of await tokenizerFiles(finished))
    await writeFile(join(textFolder, name), content);

  const isHead = (name: string): boolean => !name.startsWith(imagePrefix) && !name.startsWith(textPrefix);
  await write(join(folder, 'head.safetensors'), arraysOf(finished, isHead, ''));
  await writeFile(
    join(folder, 'README.md'),
    safetensorsReadme(finished, ofImage !== null && ofText !== null),
  );
  return notes;
}

function arraysOf({ model, arrays }: FinishedModel, is: (name: string) => boolean, prefix: string): Tensors {
  return Object.fromEntries(
    model.parameters
      .filter(({ name }) => is(name))
      .map(({ name, shape }) => [
        name.slice(prefix.length),
        // Ours are never over shared memory.
        { dtype: 'F32' as const, shape: [...shape], data: arrays[name] as Float32Array<ArrayBuffer> },
      ]),
  );
}

const renamed = (tensors: Tensors, rename: (name: string) => string): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [rename(name), tensor]));

/** transformers asks for the format in the metadata. */
const write = (file: string, tensors: Tensors): Promise<void> =>
  writeSafetensors(file, tensors, { format: 'pt' });
