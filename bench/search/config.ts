import type { RunConfig } from '../../src/experiment/config.ts';
import { parseExperiment } from '../../src/experiment/parse/parse.ts';
import { resolveConfig } from '../../src/experiment/resolve.ts';

/** A late fusion of a ResNet and the largest BERT that trains here: what a search computes is the text encoder. */
export function configOf(): RunConfig {
  const { experiment } = parseExperiment(`data: { pairs: pairs.csv, image_size: 224, max_length: 64 }
model:
  image_encoder: { name: resnet18 }
  text_encoder: { name: bert-base-uncased, pooling: mean }
  fusion: { kind: late, dim: 256 }
`);
  return resolveConfig(experiment!, { baseDir: '/', trainPairs: 1000 });
}
