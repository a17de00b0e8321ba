import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { opset } from '../../onnx-backend/proto.ts';
import type { FinishedModel } from '../finished-model.ts';
import { checkOnnx } from './check-onnx.ts';
import { json, preprocessorConfig, tokenizerFiles } from './companions.ts';
import { writeOnnxFiles } from './onnx.ts';
import { onnxReadme } from './onnx-readme.ts';
import { t } from '../../text/say.ts';

/** Writes the model as ONNX files with what reads captions and images, checked against the model itself. What should be known of it. */
export async function writeOnnx(
  finished: FinishedModel,
  folder: string,
  step: () => void,
): Promise<string[]> {
  await writeOnnxFiles(finished, folder, step);
  const worst = await checkOnnx(finished, folder);
  step();
  const texts = await tokenizerFiles(finished);
  texts.set('preprocessor_config.json', json(preprocessorConfig(finished)));
  texts.set('README.md', onnxReadme(finished, operators(finished, opset), worst));
  for (const [name, content] of texts) await writeFile(join(folder, name), content);
  return [
    isOfOthers(finished)
      ? t(
          'ONNX opset of the encoder where it is of others, else {0}, any number of images and captions of any length.',
          opset,
        )
      : t('ONNX opset {0}, any number of images and captions of any length.', opset),
    worst === 0
      ? t('ONNX Runtime gives exactly what the model gives.')
      : t('ONNX Runtime gives what the model gives to within {0}.', worst.toExponential(1)),
  ];
}

/** An encoder of others is written for a version of its own, and so is the file that it is in. */
const operators = (finished: FinishedModel, opset: number): string =>
  isOfOthers(finished) ? `opset of the encoder where it is of others, else ${opset}` : `opset ${opset}`;

const isOfOthers = ({ exported: { image, text } }: FinishedModel): boolean => Boolean(image ?? text);
