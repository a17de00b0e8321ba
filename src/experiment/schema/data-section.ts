import * as z from 'zod';
import { key, path } from './key.ts';

const share = z.number().min(0).max(1);

const augment = z.strictObject({
  crop: key(
    z
      .tuple([z.number().gt(0).max(1), z.number().gt(0).max(1)])
      .nullable()
      .default([0.8, 1]),
    {
      label: 'Crop',
      description:
        'Random resized crop: the smallest and the largest share of the image’s area that is kept. null: no crop.',
      unit: 'share of the area',
      control: 'range',
      usual: [
        { value: '[0.9, 1.0]', source: 'open_clip' },
        { value: '[0.8, 1.0]', source: 'Tandem' },
      ],
    },
  ),
  flip: key(share.default(0.5), {
    label: 'Flip',
    description: 'Probability that an image is mirrored left to right.',
    unit: 'probability',
    usual: [
      { value: '0.5', source: 'torchvision' },
      { value: '0', source: 'CLIP: images with writing or directions' },
    ],
  }),
  swap_left_right: key(z.boolean().default(true), {
    label: 'Swap left and right',
    description: 'When an image is mirrored, “left” and “right” change places in its caption.',
  }),
  drop_word: key(share.default(0), {
    label: 'Drop words',
    description: 'Probability that a word of a caption (never the first) is left out.',
    unit: 'probability',
    usual: [{ value: '0.1', source: 'EDA (Wei and Zou, 2019)' }],
  }),
});

const features = z.strictObject({
  views: key(z.int().min(1).max(1000).default(1), {
    label: 'Views',
    description:
      'Augmented versions of each image and caption that a frozen encoder computes once; epochs take them in turn. 1: each as it is, without augmentation. Time and room on the disk grow with it.',
    unit: 'versions',
  }),
  dtype: key(z.enum(['fp16', 'fp32']).default('fp16'), {
    label: 'Numbers',
    description: 'How features are kept: fp16 takes half the room and rounds them to three digits.',
  }),
});

/** `data`: images, captions, how they are split and augmented. */
export const dataSection = z.strictObject({
  pairs: key(path(), {
    label: 'Pairs',
    basic: true,
    description:
      'Images and captions: csv, tsv, jsonl, parquet, COCO captions json, Flickr token file, a folder of x.jpg + x.txt, or tar shards. Relative to this file.',
    control: 'path',
    sweepable: false,
  }),
  format: key(
    z.enum(['csv', 'tsv', 'jsonl', 'parquet', 'coco', 'flickr', 'folder', 'tar']).nullable().default(null),
    {
      label: 'Format',
      description: 'Format of the pairs. null: told from the file’s name and first bytes.',
      sweepable: false,
    },
  ),
  image_column: key(z.string().min(1).default('image'), {
    label: 'Image column',
    description: 'Column (or key) that holds an image’s path or bytes.',
    sweepable: false,
  }),
  caption_column: key(z.string().min(1).default('caption'), {
    label: 'Caption column',
    description: 'Column (or key) that holds the caption.',
  }),
  delimiter: key(z.string().length(1).nullable().default(null), {
    label: 'Delimiter',
    description: 'Character between fields of a csv file. null: told from the header line.',
    usual: [
      { value: '";"', source: 'spreadsheets in many European locales' },
      { value: '"\\t"', source: 'tsv' },
    ],
    sweepable: false,
  }),
  image_root: key(path().nullable().default(null), {
    label: 'Image root',
    description: 'Folder that relative image paths start from. null: the folder of the list that names them.',
    control: 'path',
    sweepable: false,
  }),
  val: key(path().nullable().default(null), {
    label: 'Validation pairs',
    description: 'Pairs to validate on, in the same format. Excludes val_fraction.',
    control: 'path',
    sweepable: false,
  }),
  val_fraction: key(z.number().min(0).lt(1).default(0.1), {
    label: 'Validation share',
    description: 'Share of the pairs that is held out for validation. Excludes val.',
    unit: 'share of the pairs',
    usual: [{ value: '0.1', source: 'common practice' }],
  }),
  split_by: key(z.string().min(1).default('image'), {
    label: 'Split by',
    description:
      'image, caption or the name of a column: rows with the same value stand on the same side of the split.',
    usual: [
      { value: 'image', source: 'the same image never stands on both sides' },
      { value: 'caption', source: 'the same caption never stands on both sides' },
    ],
    sweepable: false,
  }),
  image_size: key(z.int().min(16).max(1024).default(224), {
    label: 'Image size',
    description: 'Side of the square that the model sees.',
    unit: 'pixels',
    usual: [
      { value: '224', source: 'ResNet (He et al., 2015)' },
      { value: '64', source: 'small images, CPUs' },
    ],
  }),
  max_length: key(z.int().min(3).max(512).default(512), {
    label: 'Longest caption',
    description:
      'Tokens of a caption that are read, [CLS] and [SEP] included. A batch is padded only to its own longest caption.',
    unit: 'tokens',
    usual: [
      { value: '77', source: 'CLIP' },
      { value: '512', source: 'BERT: its largest position' },
    ],
  }),
  augment: key(augment.prefault({}), {
    label: 'Augmentation',
    description: 'Random changes of images and captions, drawn from the seed, the epoch and the pair.',
  }),
  features: key(features.prefault({}), {
    label: 'Features',
    description:
      'What frozen encoders make of images and captions: computed once, kept in the cache, and shared by all epochs and runs.',
  }),
  max_bad_fraction: key(share.default(0.05), {
    label: 'Most bad images',
    description: 'Share of images that may be unreadable before the run fails.',
    unit: 'share of the images',
    sweepable: false,
  }),
  cache_dir: key(path().nullable().default('.tandem/cache'), {
    label: 'Cache',
    description:
      'Folder for decoded and resized images, and for features of frozen encoders. null: no cache.',
    control: 'path',
    sweepable: false,
  }),
});
