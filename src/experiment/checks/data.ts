import { nearestName } from '../nearest.ts';
import { yamlText } from '../yaml-text.ts';
import type { Finding, FindingFix, View } from './finding.ts';

/** Files, columns, split, augmentation. */
export function checkData(view: View): Finding[] {
  return [
    ...checkFiles(view),
    ...checkColumns(view),
    ...checkSplit(view),
    ...checkFlip(view),
    ...checkSize(view),
  ];
}

function checkFiles({ experiment, facts }: View): Finding[] {
  const found: Finding[] = [];
  const { pairs } = experiment.data;
  const exists: Record<string, boolean | undefined> = { 'data.pairs': facts.data?.exists, ...facts.exists };
  if (pairs && exists['data.pairs'] === false)
    found.push({
      severity: 'error',
      code: 'file_not_found',
      message: `File not found: ${pairs} (the path is relative to the experiment file).`,
      paths: ['data.pairs'],
      value: pairs,
      fixes: [],
    });
  const others: [string, string | null][] = [
    ['data.val', experiment.data.val],
    ['data.image_root', experiment.data.image_root],
    ['model.image_encoder.weights', experiment.model.image_encoder.weights],
    ['model.text_encoder.weights', experiment.model.text_encoder.weights],
  ];
  for (const [path, value] of others)
    if (value !== null && exists[path] === false) {
      const isWeights = path.endsWith('weights');
      const isHub = isWeights && /^[\w.-]+\/[\w.-]+$/.test(value);
      found.push({
        severity: 'error',
        code: 'file_not_found',
        message: `${isWeights || path === 'data.image_root' ? 'Folder' : 'File'} not found: ${value} (the path is relative to the experiment file)${isHub ? `; a hub id is written hf:${value}` : ''}.`,
        paths: [path],
        value,
        fixes: [
          ...(isHub ? [{ set: path, to: yamlText(`hf:${value}`) }] : []),
          ...(path === 'data.val' ? [{ remove: path }] : [{ set: path, to: 'null' }]),
        ],
      });
    }
  return found;
}

function checkColumns({ experiment, facts }: View): Finding[] {
  const { columns } = facts.data ?? {};
  if (!columns) return [];
  const { image_column, caption_column, split_by } = experiment.data;
  const list =
    columns.length > 1 ? `${columns.slice(0, -1).join(', ')} and ${columns.at(-1)}` : (columns[0] ?? 'none');
  const wanted: [string, string][] = [
    ['data.image_column', image_column],
    ['data.caption_column', caption_column],
  ];
  if (split_by !== 'image' && split_by !== 'caption') wanted.push(['data.split_by', split_by]);
  return wanted
    .filter(([, name]) => !columns.includes(name))
    .map(([path, name]) => {
      const other = path === 'data.image_column' ? caption_column : image_column;
      const rest = columns.filter((one) => one !== other);
      const near = nearestName(name, rest);
      const ordered = near ? [near, ...rest.filter((one) => one !== near)] : rest;
      return {
        severity: 'error',
        code: 'no_such_column',
        message: `There is no column ${name}; there ${columns.length === 1 ? 'is' : 'are'} ${list}.`,
        paths: [path, 'data.pairs'],
        value: name,
        fixes: ordered.slice(0, 4).map((one): FindingFix => ({ set: path, to: yamlText(one) })),
      };
    });
}

function checkSplit({ experiment, facts }: View): Finding[] {
  const { pairs, val, val_fraction } = experiment.data;
  const found: Finding[] = [];
  if (val !== null && val === pairs)
    found.push({
      severity: 'warning',
      code: 'val_is_train',
      message:
        'val names the same file as pairs: the same pictures stand on both sides, and recall says nothing about new ones.',
      paths: ['data.val'],
      value: val,
      fixes: [{ remove: 'data.val' }],
    });
  if (val === null && val_fraction === 0)
    found.push({
      severity: 'warning',
      code: 'no_validation',
      message: `Nothing is held out (val_fraction is 0 and val is not set): there is no recall${experiment.checkpoint.best === null ? '' : `, and the best checkpoint by ${experiment.checkpoint.best} cannot be told`}. 0.1 is usual.`,
      paths: ['data.val_fraction'],
      value: val_fraction,
      fixes: [{ set: 'data.val_fraction', to: '0.1' }],
    });
  const valPairs = facts.data?.val_pairs;
  const most = Math.max(...experiment.eval.recall_at);
  if (valPairs !== undefined && valPairs > 0 && valPairs <= most)
    found.push({
      severity: 'warning',
      code: 'recall_always_one',
      message: `recall@${most} over ${valPairs} validation pairs is always 1: everything is among the first ${most}.`,
      paths: ['eval.recall_at', 'data.val_fraction', 'data.val'],
      fixes: [],
    });
  return found;
}

function checkFlip({ experiment, facts }: View): Finding[] {
  const { flip, swap_left_right } = experiment.data.augment;
  const count = facts.data?.left_right ?? 0;
  if (!(flip > 0) || swap_left_right || count === 0) return [];
  return [
    {
      severity: 'warning',
      code: 'flip_changes_meaning',
      message: `${count} caption${count === 1 ? ' says' : 's say'} left or right, pictures are mirrored with probability ${flip}, and swap_left_right is off: those captions become wrong.`,
      paths: ['data.augment.flip', 'data.augment.swap_left_right'],
      value: flip,
      fixes: [
        { set: 'data.augment.swap_left_right', to: 'true' },
        { set: 'data.augment.flip', to: '0' },
      ],
    },
  ];
}

function checkSize({ experiment }: View): Finding[] {
  const { image_size } = experiment.data;
  if (image_size % 32 === 0) return [];
  const better = Math.max(32, Math.round(image_size / 32) * 32);
  return [
    {
      severity: 'info',
      code: 'image_size_not_multiple',
      message: `A ResNet halves the picture five times, so a side that 32 divides wastes nothing; ${image_size} does not, ${better} would.`,
      paths: ['data.image_size'],
      value: image_size,
      fixes: [{ set: 'data.image_size', to: String(better) }],
    },
  ];
}
