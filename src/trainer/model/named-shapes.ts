import type { ImageEncoderName, TextEncoderName } from '../../experiment/config.ts';
import { bertShapes } from './bert.ts';
import { clipTextShapes, isClipText, isVision, visionShapes } from './clip.ts';
import type { ImageShape, TextShape } from './encoders.ts';
import { resnetShapes } from './resnet.ts';

/** The shape that an image encoder's name stands for; `auto` and `clip` stand for none of their own. */
export function imageShapeOf(name: ImageEncoderName | 'auto'): ImageShape {
  if (name === 'auto' || name === 'vit' || name === 'clip')
    throw new Error(`${name} is what its weights say`);
  return isVision(name) ? visionShapes[name] : resnetShapes[name];
}

/** The same of a text encoder. */
export function textShapeOf(name: TextEncoderName | 'auto'): TextShape {
  if (name === 'auto' || name === 'clip') throw new Error(`${name} is what its weights say`);
  return isClipText(name) ? clipTextShapes[name] : bertShapes[name];
}
