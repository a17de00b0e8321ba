import { nearestName } from '../parse/nearest.ts';
import { isRemote } from '../paths.ts';
import { yamlText } from '../edit/yaml-text.ts';
import type { Finding, FindingFix, View } from './finding.ts';
import { checkPairs } from './pairs.ts';

/** Files, columns, split, augmentation. */
export function checkData(view: View): Finding[] {
  return [
    ...checkFiles(view),
    ...checkColumns(view),
    ...checkSplit(view),
    ...checkPairs(view),
    ...checkFlip(view),
    ...checkStrength(view),
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
      message: isRemote(pairs)
        ? `${pairs} is an address, and nothing is fetched from one; download it and name the file.`
        : `File not found: ${pairs} (the path is relative to the experiment file).`,
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
  for (const [path, value] of [...others, ['data.cache_dir', experiment.data.cache_dir] as const])
    if (value !== null && /^none$/i.test(value) && exists[path] !== true)
      found.push({
        severity: exists[path] === false ? 'error' : 'warning',
        code: 'none_is_text',
        message: `${value} is read as the name of a file or folder; write null to have none.`,
        paths: [path],
        value,
        fixes: [{ set: path, to: 'null' }],
      });
    else if (value !== null && exists[path] === false && !value.startsWith('hf:')) {
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

function checkSplit({ experiment }: View): Finding[] {
  const { pairs, val } = experiment.data;
  if (val === null || val !== pairs) return [];
  return [
    {
      severity: 'warning',
      code: 'val_is_train',
      message:
        'val names the same file as pairs: the same pictures stand on both sides, and recall says nothing about new ones.',
      paths: ['data.val'],
      value: val,
      fixes: [{ remove: 'data.val' }],
    },
  ];
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

/** Changes of pictures and captions that leave too little of what the captions say. */
function checkStrength({ experiment }: View): Finding[] {
  const { crop, flip, drop_word } = experiment.data.augment;
  const found: Finding[] = [];
  if (crop && crop[0] < 0.2 && crop[0] <= crop[1])
    found.push({
      severity: 'info',
      code: 'crop_strong',
      message: `A crop may keep only ${percent(crop[0])} of a picture, and so cut off what its caption says. [0.8, 1.0] is usual here, [0.9, 1.0] in open_clip.`,
      paths: ['data.augment.crop'],
      value: crop,
      fixes: [{ set: 'data.augment.crop', to: '[0.8, 1.0]' }],
    });
  if (flip > 0.5)
    found.push({
      severity: 'warning',
      code: 'flip_large',
      message: `${percent(flip)} of the pictures are mirrored, but validation pictures never are; 0.5 shows both sides equally often.`,
      paths: ['data.augment.flip'],
      value: flip,
      fixes: [{ set: 'data.augment.flip', to: '0.5' }],
    });
  if (drop_word > 0.5)
    found.push({
      severity: 'warning',
      code: 'drop_word_large',
      message: `${percent(drop_word)} of a caption’s words are left out, so little is left of what it says. 0.1 is usual (EDA).`,
      paths: ['data.augment.drop_word'],
      value: drop_word,
      fixes: [{ set: 'data.augment.drop_word', to: '0.1' }],
    });
  return found;
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(3))}%`;
