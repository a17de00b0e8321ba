import { isUnread, letLearn, withoutWeights, type Finding, type View } from './finding.ts';
import { isClip, isLoaded, learns } from '../derived.ts';
import { imageSizes, textSizes } from './encoder-sizes.ts';
import { plural } from '../../text/words.ts';
import { t } from '../../text/say.ts';
import { branchName } from '../../text/settings.ts';

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
              message: t(
                'dtype chooses among the ONNX files of name: auto; {0} is loaded from safetensors, whatever numbers they hold.',
                name,
              ),
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
        message: t(
          'name: auto runs the {0} encoder as others exported it, which cannot be trained here; frozen is the only choice for train. To fine-tune, name an encoder that trains here ({1}) with weights as safetensors.',
          branchName(branch),
          branch === 'image' ? 'resnet50' : 'bert-base-uncased',
        ),
        paths: [`${path}.train`, `${path}.name`],
        value: train,
        fixes: [{ set: `${path}.train`, to: 'frozen' }],
      });
    if (weights === null)
      found.push({
        severity: 'error',
        code: 'auto_without_weights',
        message: t(
          'name: auto takes the {0} encoder from its weights, and there are none; name a folder with config.json and onnx/model.onnx as {1}.weights.',
          branchName(branch),
          path,
        ),
        paths: [`${path}.name`],
        value: 'auto',
        fixes: [],
      });
    return found;
  });
}

function checkFrozen(view: View): Finding[] {
  const { experiment } = view;
  return branches
    .filter((branch) => experiment.model[`${branch}_encoder`].name !== 'auto')
    .filter((branch) => !isLoaded(experiment, branch) && !learns(experiment, branch))
    .map((branch) => ({
      severity: 'warning',
      code: 'frozen_at_random',
      message: t(
        'The {0} encoder is frozen and has no weights to start from, so it stays random: only its projection learns. Load weights (model.{1}_encoder.weights), or let it learn.',
        branchName(branch),
        branch,
      ),
      paths: [`model.${branch}_encoder.train`],
      value: 'frozen',
      fixes: letLearn(view, branch),
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
          message: t(
            '{0} has {1}, and its last {2} are to learn; full trains all of it.',
            name,
            plural(layers, '{0} layer', '{0} layers'),
            train.last,
          ),
          paths: [path],
          value: train,
          fixes: letLearn(view, branch),
        },
      ];
    if (isLoaded(experiment, branch)) return [];
    return [
      {
        severity: 'warning',
        code: 'frozen_at_random',
        message: t(
          'The {0} encoder has no weights to start from, so the layers below its last {1} stay random. Load weights (model.{2}_encoder.weights), or let all of it learn.',
          branchName(branch),
          train.last,
          branch,
        ),
        paths: [path],
        value: train,
        fixes: letLearn(view, branch),
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
        message:
          name === 'dropout'
            ? t('CLIP’s text tower has no dropout, so {0} changes nothing.', name)
            : t('CLIP’s text tower always takes its last token, so {0} changes nothing.', name),
        paths: [path],
        fixes: [{ remove: path }],
      },
    ];
  });
}

function checkHubIds(view: View): Finding[] {
  const { model } = view.experiment;
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
        message: t(
          '{0} is no hub id; write hf:owner/name, as in hf:google-bert/bert-base-uncased, or null to start at random.',
          weights,
        ),
        paths: [path],
        value: weights,
        fixes: withoutWeights(view, path),
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
        message: t(
          'At {0} pixels {1} sees an image as one region (its stride is {2}), so {3} has nothing to choose between; {4} pixels give 4 × 4.',
          image_size,
          name,
          stride,
          kind,
          4 * stride,
        ),
        paths: ['data.image_size', 'model.fusion.kind'],
        fixes: [
          { set: 'data.image_size', to: String(4 * stride) },
          { set: 'model.fusion.kind', to: 'late' },
        ],
      },
    ];
  if (image_size % stride === 0) return [];
  const parts = name.startsWith('resnet')
    ? stride === 16
      ? t('halves an image four times')
      : t('halves an image five times')
    : t('cuts an image into patches of {0} pixels', stride);
  const better = Math.max(Math.ceil(smallestSide / stride), Math.round(image_size / stride)) * stride;
  return [
    {
      ...about,
      severity: 'info',
      code: 'image_size_not_multiple',
      message: t(
        '{0} {1}, so a side that {2} divides wastes nothing; {3} does not, {4} would.',
        name,
        parts,
        stride,
        image_size,
        better,
      ),
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
      message: t(
        'There are no {0} negatives in a batch of {1}: each pair has {2}, and all of them are scored.',
        hard_negatives,
        batch_size,
        batch_size - 1,
      ),
      paths: ['model.fusion.hard_negatives', 'train.batch_size'],
      value: hard_negatives,
      fixes: [{ set: 'model.fusion.hard_negatives', to: '4' }],
    },
  ];
}
