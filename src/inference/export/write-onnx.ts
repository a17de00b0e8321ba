import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { opset } from '../../onnx-backend/proto.ts';
import type { FinishedModel } from '../finished-model.ts';
import { checkOnnx } from './check-onnx.ts';
import { json, preprocessorConfig, tokenizerFiles } from './companions.ts';
import { onnxFiles } from './onnx.ts';
import { onnxReadme } from './onnx-readme.ts';

/** Writes the model as ONNX files with what reads captions and images, checked against the model itself. What should be known of it. */
export async function writeOnnx(finished: FinishedModel, folder: string): Promise<string[]> {
  const files = await onnxFiles(finished);
  const worst = await checkOnnx(finished, files);
  const texts = await tokenizerFiles(finished);
  texts.set('preprocessor_config.json', json(preprocessorConfig(finished)));
  texts.set('README.md', onnxReadme(finished, opset));
  for (const [name, content] of [...files, ...texts]) await writeFile(join(folder, name), content);
  return [
    `ONNX opset ${opset}, any number of images and captions of any length.`,
    `ONNX Runtime gives what the model gives to within ${worst.toExponential(1)}.`,
  ];
}
