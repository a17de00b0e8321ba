import { isUnread, type Finding, type View } from './finding.ts';
import { isClip, isLoaded, learns } from '../derived.ts';
import { imageSizes, textSizes } from './encoder-sizes.ts';
import { plural } from '../../text/words.ts';

/** Encoders and fusion against each other and the images. */
export function checkModel(view: View): Finding[] {
  return [
    ...checkAuto(view),
    ...checkFrozen(view),
    ...checkLast(view),
    ...checkUnusedOfClip(view),
    ...checkHubIds(view),
    ...checkSize(view),
    ...checkHardNegatives(view),
  ];
}

const branches = ['image', 'text'] as const;

/** The least that `data.image_size` takes. */
const smallestSide = 16;

/** What others exported runs, and has no gradients: it cannot train, and it must be named. */
function checkAuto(view: View): Finding[] {
  return branches.flatMap((branch): Finding[] => {
    const { name, weights, dtype, train } = view.experiment.model[`${branch}_encoder`];
    const path = `model.${branch}_encoder`;
    if (name !== 'auto')
      return dtype === null
        ? []
        : [
            {
              severity: 'warning',
              code: 'dtype_unused',
              message: `dtype chooses among the ONNX files of name: auto; ${name} is loaded from safetensors, whatever numbers they hold.`,
              paths: [`${path}.dtype`],
              value: dtype,
              fixes: [{ remove: `${path}.dtype` }],
            },
          ];
    const found: Finding[] = [];
    if (train !== 'frozen')
      found.push({
        severity: 'error',
        code: 'auto_is_frozen',
        message: `name: auto runs the ${branch} encoder as others exported it, which cannot be trained here; frozen is the only choice for train. To fine-tune, name an encoder that trains here (${branch === 'image' ? 'resnet50' : 'bert-base-uncased'}) with weights as safetensors.`,
        paths: [`${path}.train`, `${path}.name`],
        value: train,
        fixes: [{ set: `${path}.train`, to: 'frozen' }],
      });
    if (weights === null)
      found.push({
        severity: 'error',
        code: 'auto_without_weights',
        message: `name: auto takes the ${branch} encoder from its weights, and there are none; name a folder with config.json and onnx/model.onnx as ${path}.weights.`,
        paths: [`${path}.name`],
        value: 'auto',
        fixes: [],
      });
    return found;
  });
}

function checkFrozen({ experiment }: View): Finding[] {
  return branches
    .filter((branch) => experiment.model[`${branch}_encoder`].name !== 'auto')
    .filter((branch) => !isLoaded(experiment, branch) && !learns(experiment, branch))
    .map((branch) => ({
      severity: 'warning',
      code: 'frozen_at_random',
      message: `The ${branch} encoder is frozen and has no weights to start from, so it stays random: only its projection learns. Load weights (model.${branch}_encoder.weights), or let it learn.`,
      paths: [`model.${branch}_encoder.train`],
      value: 'frozen',
      fixes: [{ set: `model.${branch}_encoder.train`, to: 'full' }],
    }));
}

/** `train: { last: N }` against the layers that there are, and what lies below them. */
function checkLast(view: View): Finding[] {
  const { experiment } = view;
  return branches.flatMap((branch): Finding[] => {
    const { name, train } = experiment.model[`${branch}_encoder`];
    const path = `model.${branch}_encoder.train`;
    // What others exported cannot train at all.
    if (typeof train === 'string' || name === 'auto' || isUnread(view, `model.${branch}_encoder.name`))
      return [];
    const { layers } =
      branch === 'image'
        ? imageSizes(experiment.model.image_encoder.name)
        : textSizes(experiment.model.text_encoder.name);
    if (!['vit', 'clip'].includes(name) && train.last > layers)
      return [
        {
          severity: 'error',
          code: 'too_many_layers',
          message: `${name} has ${plural(layers, '{0} layer', '{0} layers')}, and its last ${train.last} are to learn; full trains all of it.`,
          paths: [path],
          value: train,
          fixes: [{ set: path, to: 'full' }],
        },
      ];
    if (isLoaded(experiment, branch)) return [];
    return [
      {
        severity: 'warning',
        code: 'frozen_at_random',
        message: `The ${branch} encoder has no weights to start from, so the layers below its last ${train.last} stay random. Load weights (model.${branch}_encoder.weights), or let all of it learn.`,
        paths: [path],
        value: train,
        fixes: [{ set: path, to: 'full' }],
      },
    ];
  });
}

/** Pooling and dropout, which CLIP's text tower does not have. */
function checkUnusedOfClip({ experiment, parsed }: View): Finding[] {
  if (!isClip(experiment, 'text')) return [];
  return ['pooling', 'dropout'].flatMap((name): Finding[] => {
    const path = `model.text_encoder.${name}`;
    if (!parsed.explicit.has(path) || (name === 'dropout' && experiment.model.text_encoder.dropout === 0))
      return [];
    return [
      {
        severity: 'info',
        code: 'not_of_clip',
        message: `CLIP’s text tower ${name === 'dropout' ? 'has no dropout' : 'always takes its last token'}, so ${name} changes nothing.`,
        paths: [path],
        fixes: [{ remove: path }],
      },
    ];
  });
}

function checkHubIds({ experiment }: View): Finding[] {
  const { model } = experiment;
  const written = [
    ['model.weights', model.weights],
    ...branches.map(
      (branch) => [`model.${branch}_encoder.weights`, model[`${branch}_encoder`].weights] as const,
    ),
  ] as const;
  return written.flatMap(([path, weights]): Finding[] => {
    if (!weights?.startsWith('hf:') || /^hf:[\w.-]+\/[\w.-]+$/.test(weights)) return [];
    return [
      {
        severity: 'error',
        code: 'bad_hub_id',
        message: `${weights} is no hub id; write hf:owner/name, as in hf:google-bert/bert-base-uncased, or null to start at random.`,
        paths: [path],
        value: weights,
        fixes: [{ set: path, to: 'null' }],
      },
    ];
  });
}

function checkSize(view: View): Finding[] {
  const { experiment } = view;
  if (isUnread(view, 'model.image_encoder.name')) return [];
  const { image_size } = experiment.data;
  const { name } = experiment.model.image_encoder;
  const { kind } = experiment.model.fusion;
  // The folder says what size its encoder wants.
  if (name === 'auto' || name === 'vit' || name === 'clip') return [];
  const { stride } = imageSizes(name);
  const about = { paths: ['data.image_size'], value: image_size };
  const side = Math.ceil(image_size / stride);
  if (side === 1 && kind !== 'late')
    return [
      {
        ...about,
        severity: 'warning',
        code: 'one_region',
        message: `At ${image_size} pixels ${name} sees an image as one region (its stride is ${stride}), so ${kind} has nothing to choose between; ${4 * stride} pixels give 4 × 4.`,
        paths: ['data.image_size', 'model.fusion.kind'],
        fixes: [
          { set: 'data.image_size', to: String(4 * stride) },
          { set: 'model.fusion.kind', to: 'late' },
        ],
      },
    ];
  if (image_size % stride === 0) return [];
  const parts = name.startsWith('resnet')
    ? `halves an image ${stride === 16 ? 'four' : 'five'} times`
    : `cuts an image into patches of ${stride} pixels`;
  const better = Math.max(Math.ceil(smallestSide / stride), Math.round(image_size / stride)) * stride;
  return [
    {
      ...about,
      severity: 'info',
      code: 'image_size_not_multiple',
      message: `${name} ${parts}, so a side that ${stride} divides wastes nothing; ${image_size} does not, ${better} would.`,
      fixes: [{ set: 'data.image_size', to: String(better) }],
    },
  ];
}

function checkHardNegatives({ experiment }: View): Finding[] {
  const { kind, hard_negatives } = experiment.model.fusion;
  const { batch_size } = experiment.train;
  if (kind !== 'early' || hard_negatives < batch_size) return [];
  return [
    {
      severity: 'warning',
      code: 'hard_negatives_beyond_batch',
      message: `There are no ${hard_negatives} negatives in a batch of ${batch_size}: each pair has ${batch_size - 1}, and all of them are scored.`,
      paths: ['model.fusion.hard_negatives', 'train.batch_size'],
      value: hard_negatives,
      fixes: [{ set: 'model.fusion.hard_negatives', to: '4' }],
    },
  ];
}
