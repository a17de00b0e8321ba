import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { elementTypes } from '../../onnx-backend/graph.ts';
import { readSignature } from '../../onnx-backend/join/read-signature.ts';
import { writeSafetensors } from '../../store/safetensors.ts';
import type { Tensors } from '../../store/tensors.ts';
import { imagePrefix, textPrefix } from '../../trainer/model/model.ts';
import type { OnnxSource } from '../../weights/onnx-files.ts';
import type { FinishedModel } from '../finished-model.ts';
import { json, preprocessorConfig, tokenizerFiles } from './companions.ts';
import { clipConfig, knownImageEncoder, knownTextEncoder, type KnownEncoder } from './encoder-configs.ts';
import { transformersName } from './hugging-face-names.ts';
import { readImages } from './image-of-others.ts';
import { readTexts } from './text-of-others.ts';
import {
  knownImageCode,
  knownTextCode,
  otherImageCode,
  otherTextCode,
  pathInside,
  type SideCode,
} from './side-code.ts';
import { safetensorsReadme } from './safetensors-readme.ts';
import { t } from '../../text/say.ts';

/**
 * Writes each encoder as a folder that transformers' from_pretrained loads, a residual network also under torchvision's names, and the rest of
 * the model (projections, fusion, temperature) as head.safetensors; a whole CLIP also as one CLIPModel. An encoder of others is copied. What should
 * be known of it.
 */
export async function writeHuggingFace(
  finished: FinishedModel,
  folder: string,
  step: () => void,
): Promise<string[]> {
  const [imageFolder, textFolder] = [join(folder, 'image_encoder'), join(folder, 'text_encoder')];
  for (const each of [imageFolder, textFolder]) await mkdir(each, { recursive: true });
  const notes: string[] = [];

  const { exported, config } = finished;

  const image = arraysOf(finished, (name) => name.startsWith(imagePrefix), imagePrefix);
  const ofImage = exported.image ? null : knownImageEncoder(finished);
  let imageCode: SideCode | null = ofImage && knownImageCode(ofImage.name);
  if (exported.image) {
    await copyEncoder(imageFolder, exported.image);
    imageCode = otherImageCode(
      exported.image,
      await readImages(finished, exported.image),
      await takesHalves(exported.image),
    );
  } else if (ofImage) {
    await writeEncoder(imageFolder, ofImage, image);
    if (ofImage.name === 'ResNetModel') await write(join(imageFolder, 'torchvision.safetensors'), image);
  } else {
    await write(join(imageFolder, 'model.safetensors'), image);
    notes.push(
      t(
        'transformers and torchvision have no {0}: its arrays are there without a config.json; --format onnx is a whole model.',
        config.model.image_encoder.name,
      ),
    );
  }
  await writeFile(join(imageFolder, 'preprocessor_config.json'), json(preprocessorConfig(finished)));
  step();

  const { pooling } = config.model.text_encoder;
  const text = arraysOf(finished, (name) => name.startsWith(textPrefix), textPrefix);
  const ofText = exported.text ? null : knownTextEncoder(finished);
  if (ofText) await writeEncoder(textFolder, ofText, text);
  else await copyEncoder(textFolder, exported.text!);
  const textCode = ofText
    ? knownTextCode(ofText.name, pooling)
    : otherTextCode(exported.text!, await readTexts(finished, exported.text!), pooling);
  const tokenizer = await tokenizerFiles(finished);
  for (const [name, content] of tokenizer) await writeFile(join(textFolder, name), content);
  step();

  const isHead = (name: string): boolean => !name.startsWith(imagePrefix) && !name.startsWith(textPrefix);
  const head = arraysOf(finished, isHead, '');
  await write(join(folder, 'head.safetensors'), head);
  const ofBoth = ofImage && ofText && clipConfig(finished);
  if (ofBoth) {
    const clipFolder = join(folder, 'clip');
    await mkdir(clipFolder, { recursive: true });
    await writeFile(join(clipFolder, 'config.json'), json(ofBoth));
    await write(join(clipFolder, 'model.safetensors'), {
      ...renamed(image, (name) => ofImage.prefix + name),
      ...renamed(text, (name) => ofText.prefix + name),
      ...renamed(head, (name) => (name === 'image_projection.weight' ? 'visual_projection.weight' : name)),
    });
    await writeFile(join(clipFolder, 'preprocessor_config.json'), json(preprocessorConfig(finished)));
    for (const [name, content] of tokenizer) await writeFile(join(clipFolder, name), content);
  }
  const sides = { image: imageCode, text: textCode, isClip: ofBoth !== null };
  await writeFile(join(folder, 'README.md'), safetensorsReadme(finished, sides));
  return notes;
}

/** An encoder of others as it was: what does not learn has no weights of ours. */
async function copyEncoder(folder: string, source: OnnxSource): Promise<void> {
  for (const file of [join(source.folder, 'config.json'), ...source.files]) {
    const place = join(folder, pathInside(source, file));
    await mkdir(dirname(place), { recursive: true });
    await copyFile(file, place);
  }
}

async function takesHalves({ files }: OnnxSource): Promise<boolean> {
  const { inputs } = readSignature(await readFile(files[0]!));
  return inputs.get('pixel_values') === elementTypes.float16;
}

async function writeEncoder(
  folder: string,
  { config, prefix }: KnownEncoder,
  arrays: Tensors,
): Promise<void> {
  const isResnet = 'layer_type' in config;
  await write(
    join(folder, 'model.safetensors'),
    renamed(arrays, isResnet ? transformersName : (name) => prefix + name),
  );
  await writeFile(join(folder, 'config.json'), json(config));
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
