import { describe, expect, test } from 'vitest';
import { checkExperiment } from '../../src/experiment/checks/check.ts';
import { applyEdits } from '../../src/experiment/edit/apply-edits.ts';
import type { Facts } from '../../src/experiment/checks/facts.ts';
import { parseExperiment } from '../../src/experiment/parse/parse.ts';

type Case = [
  code: string,
  text: string,
  place: string,
  severity: string,
  says: RegExp,
  facts?: Partial<Facts>,
];

const head = 'data: { pairs: a.csv }\n';
const rates = (inside: string, model = '') => `${head}${model}optimizer: { learning_rate: { ${inside} } }\n`;
const loaded = (branch: string) => `model: { ${branch}_encoder: { weights: w } }\n`;
const enough: Partial<Facts> = { data: { train_pairs: 10_000, usable: 11_111, val_pairs: 1111 } };

// Places counted by hand; numbers in the messages worked out beside them.
const cases: Case[] = [
  // 1 / 0.005 = 200
  [
    'temperature_small',
    `${head}loss: { temperature: 0.005 }\n`,
    '2:22-2:27',
    'warning',
    /0\.005 is below 0\.01.*±200/,
  ],
  [
    'temperature_large',
    `${head}loss: { temperature: 2 }\n`,
    '2:22-2:23',
    'warning',
    /2 is above 0\.5.*±0\.5/,
  ],
  [
    'temperature_unbounded',
    `${head}loss: { learn_temperature: true, min_temperature: 0 }\n`,
    '2:51-2:52',
    'warning',
    /no bound.*0\.01/,
  ],
  [
    'temperature_below_bound',
    `${head}loss: { learn_temperature: true, min_temperature: 0.2 }\n`,
    '2:51-2:54',
    'warning',
    /starts at 0\.1, below.*0\.2/,
  ],
  ['no_clipping', `${head}optimizer: { clip_norm: null }\n`, '2:25-2:29', 'warning', /not clipped.*1\.0/],
  // 1e-3 / 2e-5 = 50; 1e-3 / 1e-4 = 10
  [
    'rate_high_for_loaded_weights',
    rates('text: 1e-3', loaded('text')),
    '3:37-3:41',
    'warning',
    /1e-3.*text encoder.*50 times the usual 2e-5/,
  ],
  [
    'rate_high_for_loaded_weights',
    rates('image: 1e-3', loaded('image')),
    '3:38-3:42',
    'warning',
    /1e-3.*image encoder.*10 times the usual 1e-4/,
  ],
  // 5e-4 / 2e-5 = 25
  [
    'rate_low_from_scratch',
    rates('text: 2e-5'),
    '2:37-2:41',
    'warning',
    /2e-5 is a fine-tuning rate.*25 times less.*5e-4/,
  ],
  // image 1e-2 against text 5e-5: 200
  [
    'learning_rates_apart',
    rates('image: 1e-2, text: 5e-5'),
    '2:50-2:54',
    'warning',
    /image \(0\.01\) and text \(5e-5\) are 200 times apart/,
  ],
  ['rate_very_high', rates('fusion: 0.1'), '2:39-2:42', 'warning', /0\.1 is above 1e-2/],
  [
    'rate_of_frozen_branch',
    rates('image: 1e-3', 'model: { image_encoder: { train: frozen } }\n'),
    '3:38-3:42',
    'warning',
    /frozen, so its rate changes nothing/,
  ],
  ['rate_zero', rates('text: 0'), '2:37-2:38', 'warning', /train: frozen is the same/],
  ['rate_of_fixed_temperature', rates('scale: 1e-3'), '2:38-2:42', 'warning', /not learnt/],
  [
    'no_warmup',
    `${head}${loaded('text')}optimizer: { schedule: { warmup: 0 } }\n`,
    '3:34-3:35',
    'warning',
    /no warm-up, and the text encoder starts from loaded weights/,
  ],
  // 500 of 200 steps: the rates end at 40 % of their peak
  [
    'warmup_longer_than_run',
    `${head}train: { steps: 200 }\noptimizer: { schedule: { warmup: 500 steps } }\n`,
    '3:34-3:43',
    'warning',
    /500 steps is longer than the run of 200 steps: the rates end at 40%/,
  ],
  [
    'warmup_longer_than_run',
    `${head}train: { epochs: 2 }\noptimizer: { schedule: { warmup: 3 epochs } }\n`,
    '3:34-3:42',
    'warning',
    /3 epochs is longer than the run of 2 epochs/,
  ],
  // 10,000 / 64 = 156 steps a pass, x 20 = 3120; 5000 steps are more
  [
    'warmup_longer_than_run',
    `${head}optimizer: { schedule: { warmup: 5000 } }\n`,
    '2:34-2:38',
    'warning',
    /5000 steps is longer than the run of 3120 steps/,
    enough,
  ],
  [
    'warmup_long',
    `${head}optimizer: { schedule: { warmup: 80% } }\n`,
    '2:34-2:37',
    'warning',
    /80% of the run/,
  ],
  // ln 8 = 2.08
  ['few_negatives', `${head}train: { batch_size: 8 }\n`, '2:22-2:23', 'warning', /7 negatives.*2\.08/],
  [
    'batch_norm_small_batch',
    `${head}train: { batch_size: 8 }\n`,
    '2:22-2:23',
    'warning',
    /resnet50 normalises.*8 pictures/,
  ],
  [
    'batch_larger_than_data',
    `${head}train: { batch_size: 128 }\n`,
    '2:22-2:25',
    'error',
    /120 usable pairs, 100 for training, batch 128/,
    { data: { usable: 120, train_pairs: 100 } },
  ],
  [
    'batch_larger_than_data',
    head,
    '1:16-1:21',
    'error',
    /9 for training, batch 64/,
    { data: { usable: 12, train_pairs: 9 } },
  ],
  [
    'early_fusion_memory',
    `${head}model: { fusion: { kind: early, layers: 6, dim: 512 } }\ntrain: { batch_size: 512 }\n`,
    '3:22-3:25',
    'warning',
    /Early fusion runs 512 × 9 pairs.*4\.0 GB can be used/,
    { memory_bytes: 4e9 },
  ],
  [
    'batch_memory',
    `${head}train: { batch_size: 1024 }\n`,
    '2:22-2:26',
    'warning',
    /needs about .* GB, and 8\.0 GB/,
    { memory_bytes: 8e9 },
  ],
  [
    'flip_changes_meaning',
    'data: { pairs: a.csv, augment: { flip: 0.5, swap_left_right: false } }\n',
    '1:40-1:43',
    'warning',
    /17 captions say left or right.*0\.5/,
    { data: { left_right: 17 } },
  ],
  [
    'weight_decay_harms',
    `${head}${loaded('text')}optimizer: { weight_decay: 0.2 }\n`,
    '3:28-3:31',
    'warning',
    /0\.2 pulls the loaded text weights/,
  ],
  [
    'weight_decay_harms',
    `${head}optimizer: { weight_decay: 0.5 }\n`,
    '2:28-2:31',
    'warning',
    /0\.5 is above 0\.3/,
  ],
  ['file_not_found', head, '1:16-1:21', 'error', /not found: a\.csv/, { data: { exists: false } }],
  [
    'file_not_found',
    `${head}model: { text_encoder: { weights: bert/base } }\n`,
    '2:35-2:44',
    'error',
    /hf:bert\/base/,
    { exists: { 'model.text_encoder.weights': false } },
  ],
  [
    'file_not_found',
    'data: { pairs: a.csv, val: v.csv }\n',
    '1:28-1:33',
    'error',
    /not found: v\.csv/,
    { exists: { 'data.val': false } },
  ],
  [
    'bad_pictures',
    head,
    '1:16-1:21',
    'error',
    /6 of 100 pictures cannot be read, more than data\.max_bad_fraction \(0\.05\)/,
    { data: { pictures: 94, bad_pictures: 6 } },
  ],
  [
    'no_negatives',
    head,
    '1:16-1:21',
    'error',
    /All 40 pairs have the same caption/,
    { data: { usable: 40, pictures: 40, captions: 1 } },
  ],
  [
    'no_such_column',
    'data: { pairs: a.csv, image_column: img }\n',
    '1:37-1:40',
    'error',
    /no column img; there are image, caption and id/,
    { data: { columns: ['image', 'caption', 'id'] } },
  ],
  [
    'no_such_column',
    'data: { pairs: a.csv, split_by: user }\n',
    '1:33-1:37',
    'error',
    /no column user/,
    { data: { columns: ['image', 'caption'] } },
  ],
  [
    'no_such_column',
    head,
    '1:16-1:21',
    'error',
    /no column image; there are path and caption/,
    { data: { columns: ['path', 'caption'] } },
  ],
  ['val_is_train', 'data: { pairs: a.csv, val: a.csv }\n', '1:28-1:33', 'warning', /both sides/],
  [
    'no_validation',
    'data: { pairs: a.csv, val_fraction: 0 }\n',
    '1:37-1:38',
    'warning',
    /Nothing is held out/,
  ],
  [
    'recall_always_one',
    `${head}eval: { recall_at: [1, 50] }\n`,
    '2:20-2:27',
    'warning',
    /recall@50 over 40 validation pairs is always 1/,
    { data: { val_pairs: 40 } },
  ],
  [
    'eval_rarer_than_run',
    `${head}train: { epochs: 2 }\neval: { every: 5 epochs }\n`,
    '3:16-3:24',
    'warning',
    /5 epochs is rarer than the run of 2 epochs/,
  ],
  [
    'checkpoint_rarer_than_run',
    `${head}train: { steps: 100 }\ncheckpoint: { every: 1000 }\n`,
    '3:22-3:26',
    'warning',
    /1000 steps is rarer than the run of 100 steps/,
  ],
  [
    'engine_not_available',
    `${head}train: { engine: tensorflow }\n`,
    '2:18-2:28',
    'error',
    /tensorflow does not work here: @tensorflow\/tfjs-node is not installed\. Here are onnx, cpu/,
    {
      engines: [
        { name: 'onnx', works: true, reason: '' },
        { name: 'cpu', works: true, reason: '' },
        { name: 'tensorflow', works: false, reason: '@tensorflow/tfjs-node is not installed' },
      ],
    },
  ],
  [
    'provider_without_onnx',
    `${head}train: { engine: cpu, provider: cuda }\n`,
    '2:33-2:37',
    'warning',
    /for the engine onnx/,
  ],
  [
    'large_for_a_cpu',
    `${head}model: { image_encoder: { name: resnet50 } }\n`,
    '2:33-2:41',
    'info',
    /seconds a step/,
    { gpu: false },
  ],
  [
    'image_size_not_multiple',
    'data: { pairs: a.csv, image_size: 100 }\n',
    '1:35-1:38',
    'info',
    /100 does not, 96 would/,
  ],
  [
    'few_steps',
    `${head}train: { epochs: 2 }\n`,
    '2:18-2:19',
    'info',
    /only 6 steps \(200 training pairs, batch 64, 3 a pass\)/,
    { data: { train_pairs: 200 } },
  ],
  ['clipping_loose', `${head}optimizer: { clip_norm: 1e6 }\n`, '2:25-2:28', 'info', /hardly ever/],
  [
    'no_validation',
    'data: { pairs: a.csv, val_fraction: 0.01 }\n',
    '1:37-1:41',
    'warning',
    /0\.01 holds out none of 40 pairs: there is no recall/,
    { data: { usable: 40, train_pairs: 40, val_pairs: 0 } },
  ],
  [
    'val_fraction_large',
    'data: { pairs: a.csv, val_fraction: 0.9 }\n',
    '1:37-1:40',
    'warning',
    /0\.9 holds out more than is learnt from/,
  ],
  ['repeated_k', `${head}eval: { recall_at: [1, 5, 1] }\n`, '2:20-2:29', 'warning', /names 1 more than once/],
  [
    'rerank_below_k',
    `${head}eval: { rerank: 5 }\n`,
    '2:17-2:18',
    'warning',
    /best 5 candidates.*recall@10 is decided by the pooled/,
  ],
  [
    'frozen_at_random',
    `${head}model: { text_encoder: { train: frozen } }\n`,
    '2:33-2:39',
    'warning',
    /text encoder is frozen and has no weights/,
  ],
  [
    'bad_hub_id',
    `${head}model: { text_encoder: { weights: hf:bert } }\n`,
    '2:35-2:42',
    'error',
    /hf:bert is no hub id; write hf:owner\/name/,
  ],
  [
    'none_is_text',
    `${head}model: { text_encoder: { weights: None } }\n`,
    '2:35-2:39',
    'warning',
    /None is read as the name of a file or folder; write null/,
  ],
  [
    'one_region',
    'data: { pairs: a.csv, image_size: 32 }\n',
    '1:35-1:37',
    'warning',
    /At 32 pixels resnet50 sees a picture as one region \(its stride is 32\).*128 pixels give 4 × 4/,
  ],
  [
    'hard_negatives_beyond_batch',
    `${head}model: { fusion: { kind: early, hard_negatives: 64 } }\n`,
    '2:49-2:51',
    'warning',
    /no 64 negatives in a batch of 64: each pair has 63/,
  ],
  [
    'crop_strong',
    'data: { pairs: a.csv, augment: { crop: [0.08, 1] } }\n',
    '1:40-1:49',
    'info',
    /only 8% of a picture/,
  ],
  [
    'flip_large',
    'data: { pairs: a.csv, augment: { flip: 1 } }\n',
    '1:40-1:41',
    'warning',
    /100% of the pictures are mirrored/,
  ],
  [
    'drop_word_large',
    'data: { pairs: a.csv, augment: { drop_word: 0.6 } }\n',
    '1:45-1:48',
    'warning',
    /60% of a caption’s words/,
  ],
  ['rate_zero', rates('fusion: 0'), '2:39-2:40', 'warning', /stay as random as they start/],
  [
    'rate_zero',
    `${rates('scale: 0')}loss: { learn_temperature: true }\n`,
    '2:38-2:39',
    'warning',
    /temperature stays where it starts/,
  ],
  [
    'betas_exchanged',
    `${head}optimizer: { beta1: 0.999, beta2: 0.9 }\n`,
    '2:21-2:26',
    'warning',
    /beta2 \(0\.9\) is below beta1 \(0\.999\)/,
  ],
  [
    'file_not_found',
    'data: { pairs: "https://x.org/a.csv" }\n',
    '1:16-1:37',
    'error',
    /is an address, and nothing is fetched/,
    { data: { exists: false } },
  ],
  // In a sweep: every trial is checked, and the message names those it is about.
  [
    'warmup_longer_than_run',
    `${head}optimizer: { schedule: { warmup: 3 epochs } }\nsweep: { train.epochs: [20, 2] }\n`,
    '2:34-2:42',
    'warning',
    /longer than the run of 2 epochs.* So it is with train\.epochs 2\.$/,
  ],
  [
    'warmup_longer_than_run',
    `${head}sweep: { train.steps: [1000, 100], optimizer.schedule.warmup: [10, 500] }\n`,
    '2:68-2:71',
    'info',
    /500 steps is longer than the run of 100 steps.* So it is with train\.steps 100\.$/,
  ],
  [
    'rate_high_for_loaded_weights',
    `${rates('text: 5e-4')}sweep: { model.text_encoder.weights: [null, w] }\n`,
    '2:37-2:41',
    'warning',
    /25 times the usual 2e-5.* So it is with model\.text_encoder\.weights w\.$/,
  ],
  [
    'sweep_changes_nothing',
    'data: { pairs: a.csv, val: v.csv }\nsweep: { data.val_fraction: [0.1, 0.2] }\n',
    '2:10-2:27',
    'warning',
    /data\.val is given.*the two trials are the same/,
  ],
  // In a sweep: at the item, and only told, since trying is what a sweep is for.
  [
    'temperature_small',
    `${head}sweep: { loss.temperature: [0.1, 0.001] }\n`,
    '2:34-2:39',
    'info',
    /0\.001 is below/,
  ],
  [
    'batch_larger_than_data',
    `${head}sweep: { train.batch_size: [64, 256] }\n`,
    '2:33-2:36',
    'error',
    /100 for training, batch 256/,
    { data: { usable: 120, train_pairs: 100 } },
  ],
  [
    'sweep_of_frozen_branch',
    `${head}model: { text_encoder: { train: frozen } }\nsweep: { optimizer.learning_rate.text: [1e-4, 1e-3, 1e-2] }\n`,
    '3:10-3:38',
    'warning',
    /text branch is frozen: the 3 trials are nearly the same/,
  ],
  [
    'sweep_changes_nothing',
    `${head}sweep: { model.fusion.hard_negatives: [2, 4] }\n`,
    '2:10-2:37',
    'warning',
    /not used by fusion cross_attention/,
  ],
];

/** [code that must not be found, text just inside the boundary, facts] */
const quiet: [code: string, text: string, facts?: Partial<Facts>][] = [
  ['temperature_small', `${head}loss: { temperature: 0.01 }\n`],
  ['temperature_large', `${head}loss: { temperature: 0.5 }\n`],
  ['temperature_unbounded', `${head}loss: { learn_temperature: true }\n`],
  ['temperature_unbounded', `${head}loss: { min_temperature: 0 }\n`],
  ['temperature_below_bound', `${head}loss: { learn_temperature: true, min_temperature: 0.1 }\n`],
  ['no_clipping', head],
  ['clipping_loose', `${head}optimizer: { clip_norm: 100 }\n`],
  ['rate_high_for_loaded_weights', rates('text: 1e-4, image: 1e-4', loaded('text'))],
  [
    'rate_high_for_loaded_weights',
    rates('text: 1e-3', 'model: { text_encoder: { weights: w, train: frozen } }\n'),
  ],
  ['rate_low_from_scratch', rates('text: 1e-4')],
  ['rate_low_from_scratch', rates('text: 2e-5', loaded('text'))],
  ['learning_rates_apart', rates('image: 1e-2, text: 1e-4')],
  ['rate_very_high', rates('fusion: 0.01')],
  ['rate_of_frozen_branch', 'data: { pairs: a.csv }\nmodel: { image_encoder: { train: frozen } }\n'],
  ['rate_zero', rates('image: 1e-9')],
  ['no_warmup', `${head}optimizer: { schedule: { warmup: 0 } }\n`],
  ['no_warmup', `${head}${loaded('text')}optimizer: { schedule: { warmup: 1 } }\n`],
  ['warmup_longer_than_run', `${head}train: { steps: 200 }\noptimizer: { schedule: { warmup: 200 } }\n`],
  ['warmup_long', `${head}optimizer: { schedule: { warmup: 50% } }\n`],
  ['few_negatives', `${head}train: { batch_size: 32 }\n`],
  ['bad_pictures', head, { data: { pictures: 95, bad_pictures: 5 } }],
  [
    'bad_pictures',
    'data: { pairs: a.csv, max_bad_fraction: 1 }\n',
    { data: { pictures: 0, bad_pictures: 6 } },
  ],
  ['no_negatives', head, { data: { usable: 40, pictures: 2, captions: 2 } }],
  ['batch_norm_small_batch', `${head}train: { batch_size: 16 }\n`],
  [
    'batch_norm_small_batch',
    `${head}model: { image_encoder: { train: frozen } }\ntrain: { batch_size: 8 }\n`,
  ],
  [
    'batch_larger_than_data',
    `${head}train: { batch_size: 100 }\n`,
    { data: { usable: 120, train_pairs: 100 } },
  ],
  ['early_fusion_memory', `${head}model: { fusion: { kind: early } }\n`, { memory_bytes: 64e9 }],
  [
    'flip_changes_meaning',
    'data: { pairs: a.csv, augment: { swap_left_right: false } }\n',
    { data: { left_right: 0 } },
  ],
  ['flip_changes_meaning', head, { data: { left_right: 17 } }],
  ['weight_decay_harms', `${head}${loaded('text')}optimizer: { weight_decay: 0.1 }\n`],
  ['weight_decay_harms', `${head}optimizer: { weight_decay: 0.3 }\n`],
  ['file_not_found', head, { data: { exists: true } }],
  [
    'file_not_found',
    `${head}model: { text_encoder: { weights: "hf:a/b" } }\n`,
    { exists: { 'model.text_encoder.weights': false } },
  ],
  ['no_such_column', head, { data: { columns: ['caption', 'image'] } }],
  ['no_validation', 'data: { pairs: a.csv, val: v.csv }\n', { data: { val_pairs: 5 } }],
  ['no_validation', 'data: { pairs: a.csv, val_fraction: 0, val: v.csv }\n'],
  ['val_fraction_large', 'data: { pairs: a.csv, val_fraction: 0.5 }\n'],
  ['recall_always_one', head, { data: { val_pairs: 11 } }],
  ['rerank_below_k', `${head}eval: { rerank: 10 }\n`],
  ['rerank_below_k', `${head}model: { fusion: { kind: late } }\neval: { rerank: 1 }\n`],
  ['eval_rarer_than_run', `${head}train: { epochs: 2 }\neval: { every: 2 epochs }\n`],
  ['checkpoint_rarer_than_run', `${head}train: { steps: 100 }\ncheckpoint: { every: 100 }\n`],
  [
    'engine_not_available',
    `${head}train: { engine: auto }\n`,
    { engines: [{ name: 'onnx', works: false, reason: '' }] },
  ],
  ['provider_without_onnx', `${head}train: { engine: onnx, provider: cuda }\n`],
  ['image_size_not_multiple', 'data: { pairs: a.csv, image_size: 96 }\n'],
  // resnet_small's stride is 16: src/trainer/model/resnet.ts.
  [
    'image_size_not_multiple',
    'data: { pairs: a.csv, image_size: 48 }\nmodel: { image_encoder: { name: resnet_small } }\n',
  ],
  ['one_region', 'data: { pairs: a.csv, image_size: 64 }\n'],
  ['one_region', 'data: { pairs: a.csv, image_size: 32 }\nmodel: { fusion: { kind: late } }\n'],
  ['hard_negatives_beyond_batch', `${head}model: { fusion: { kind: early, hard_negatives: 63 } }\n`],
  ['frozen_at_random', `${head}model: { text_encoder: { train: frozen, weights: w } }\n`],
  ['bad_hub_id', `${head}model: { text_encoder: { weights: "hf:google/bert" } }\n`],
  ['crop_strong', 'data: { pairs: a.csv, augment: { crop: [0.2, 1] } }\n'],
  ['flip_large', head],
  ['drop_word_large', 'data: { pairs: a.csv, augment: { drop_word: 0.5 } }\n'],
  ['few_steps', `${head}train: { epochs: 20 }\n`, { data: { train_pairs: 320 } }],
  ['betas_exchanged', `${head}optimizer: { beta2: 0.9 }\n`],
  ['sweep_of_frozen_branch', `${head}sweep: { optimizer.learning_rate.text: [1e-4, 1e-3] }\n`],
  [
    'sweep_changes_nothing',
    `${head}sweep: { model.fusion.hard_negatives: [2, 4], model.fusion.kind: [late, early] }\n`,
  ],
];

describe('what experience teaches', () => {
  test.each(quiet)('not %s: %s', (code, text, facts) => {
    const parsed = parseExperiment(text);
    expect(parsed.problems).toEqual([]);
    expect(checkExperiment(parsed, facts).filter((one) => one.code === code)).toEqual([]);
  });

  test('every rule has a case that finds it and one beside its boundary that does not', () => {
    const found = new Set(cases.map(([code]) => code));
    const spared = new Set(quiet.map(([code]) => code));
    const noBoundary = ['val_is_train', 'repeated_k', 'none_is_text', 'rate_of_fixed_temperature'];
    const noNumber = ['batch_memory', 'large_for_a_cpu', ...noBoundary];
    expect([...found].filter((code) => !spared.has(code)).sort()).toEqual(noNumber.sort());
    expect([...spared].filter((code) => !found.has(code))).toEqual([]);
  });

  test.each(cases)('%s: %s', (code, text, place, severity, says, facts) => {
    const parsed = parseExperiment(text);
    expect(parsed.problems.filter((one) => one.severity === 'error')).toEqual([]);
    const problem = checkExperiment(parsed, facts).find((one) => one.code === code)!;
    expect(problem, JSON.stringify(checkExperiment(parsed, facts), null, 1)).toBeDefined();
    const { line, column, endLine, endColumn } = problem.range;
    expect([`${line}:${column}-${endLine}:${endColumn}`, problem.severity]).toEqual([place, severity]);
    expect(problem.message).toMatch(says);
    for (const fix of problem.fixes.slice(0, 1)) {
      const after = parseExperiment(applyEdits(text, fix.edits));
      expect(
        after.problems.filter((one) => one.severity === 'error'),
        fix.title,
      ).toEqual([]);
      const { exists: _exists, ...data } = facts?.data ?? {};
      void _exists;
      const again = checkExperiment(after, { ...facts, data }).filter(
        (one) => one.code === code && one.message === problem.message,
      );
      if (code !== 'file_not_found') expect(again, fix.title).toEqual([]);
    }
  });

  test('every warning that a value can mend has a quick fix', () => {
    const without = cases.filter(([code, text, , , , facts]) => {
      const problem = checkExperiment(parseExperiment(text), facts).find((one) => one.code === code);
      return problem?.fixes.length === 0;
    });
    // No value mends a file that is not there, or pairs that are all alike.
    expect([...new Set(without.map(([code]) => code))]).toEqual(['file_not_found', 'no_negatives']);
  });

  test('the file of the design card has no error, and no warning but those that its sweep asks for', () => {
    const text = `name: emoji
seed: 0
data:
  pairs: pairs.csv
  image_column: image
  caption_column: caption
  val_fraction: 0.1
  split_by: image
  image_size: 224
  max_length: 512
  augment: { crop: [0.8, 1.0], flip: 0.5 }
model:
  image_encoder: { name: resnet50, weights: null, train: full }
  text_encoder: { name: bert-base-uncased, weights: null, train: full }
  fusion: { kind: cross_attention, layers: 1, heads: 8, dim: 256 }
loss: { kind: info_nce, temperature: 0.1, learn_temperature: false }
optimizer:
  kind: adamw
  learning_rate: { image: 1e-3, text: 5e-4, fusion: 1e-3 }
  weight_decay: 0.01
  clip_norm: 1.0
  schedule: { kind: cosine, warmup: 5% }
train: { batch_size: 64, epochs: 20, engine: auto }
eval: { every: 1 epoch, recall_at: [1, 5, 10] }
checkpoint: { every: 1 epoch, keep: 2, best: val/recall@1 }
sweep:
  optimizer.learning_rate.image: [1e-4, 3e-4, 1e-3]
  optimizer.learning_rate.text: [2e-6, 2e-5, 2e-4]
  seeds: [0, 1, 2]
`;
    const parsed = parseExperiment(text);
    expect(parsed.problems).toEqual([]);
    expect(checkExperiment(parsed, enough).map((one) => `${one.severity} ${one.code}`)).toEqual([
      'info rate_low_from_scratch',
      'info learning_rates_apart',
      'info rate_low_from_scratch',
    ]);
  });

  test('checks go on while something else is wrong', () => {
    const parsed = parseExperiment(`${head}banana: 1\nloss: { temperature: 3 }\n`);
    expect(parsed.experiment).toBeNull();
    expect(checkExperiment(parsed).map((one) => one.code)).toEqual(['temperature_large']);
  });
});
