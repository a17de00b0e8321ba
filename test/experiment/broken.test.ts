import { describe, expect, test } from 'vitest';
import { applyEdits } from '../../src/experiment/edit/apply-edits.ts';
import { parseExperiment } from '../../src/experiment/parse/parse.ts';

/** [what, text, line:column-endLine:endColumn, path, words of the message, what the first quick fix makes of the text (null: no fix)] */
type Case = [what: string, text: string, place: string, path: string, says: RegExp, fixed: string | null];

const head = 'data: { pairs: a.csv }\n';

// Positions are counted by hand: 1-based, in UTF-16 units, the end exclusive.
const cases: Case[] = [
  // Syntax.
  [
    'a map in brackets that is not closed',
    `${head}train: { batch_size: 64, epochs: 2\nloss:\n  temperature: 0.1\n`,
    '2:8-2:35',
    '',
    /map that opens on line 2 is not closed; a } is missing/,
    `${head}train: { batch_size: 64, epochs: 2}\nloss:\n  temperature: 0.1\n`,
  ],
  [
    'an inner list that is not closed',
    `${head}data2: 1\n`.replace('data2: 1', 'eval: { recall_at: [1, 5 }'),
    '2:20-2:27',
    '',
    /list that opens on line 2 is not closed; a \] is missing/,
    `${head}eval: { recall_at: [1, 5] }\n`,
  ],
  [
    'a list over lines that is not closed',
    `${head}eval:\n  recall_at: [1,\n    5,\n    10\ntrain: { epochs: 2 }\n`,
    '3:14-3:17',
    '',
    /list that opens on line 3/,
    `${head}eval:\n  recall_at: [1,\n    5,\n    10]\ntrain: { epochs: 2 }\n`,
  ],
  [
    'an open list before a comment',
    `${head}eval:\n  recall_at: [1, 5 # more\ntrain: { epochs: 2 }\n`,
    '3:14-3:19',
    '',
    /not closed/,
    `${head}eval:\n  recall_at: [1, 5] # more\ntrain: { epochs: 2 }\n`,
  ],
  ['an open bracket at the very end', `${head}eval: {`, '2:7-2:8', '', /not closed/, `${head}eval: {}`],
  ['a bracket too many', `${head}loss: { temperature: 0.1 }}\n`, '2:27-2:28', '', /./, null],
  [
    'a double quote that does not end',
    `${head}name: "emoji\nseed: 1\n`,
    '2:7-2:13',
    '',
    /quoted text that starts on line 2 does not end; a " is missing/,
    `${head}name: "emoji"\nseed: 1\n`,
  ],
  [
    'a single quote that does not end',
    `${head}name: 'emoji # x\n`,
    '2:7-2:13',
    '',
    /a ' is missing/,
    `${head}name: 'emoji' # x\n`,
  ],
  [
    'tabs on two lines',
    `${head}train:\n\tbatch_size: 64\n\tepochs: 2\n`,
    '3:1-3:2',
    '',
    /tab is used to indent/,
    `${head}train:\n  batch_size: 64\n\tepochs: 2\n`,
  ],
  ['a tab after spaces', `${head}train:\n  batch_size: 64\n \tepochs: 2\n`, '4:2-4:3', '', /tab/, null],
  [
    'no space after the colon',
    `name:emoji\n${head}`,
    '1:1-1:11',
    '',
    /space is missing after the colon of name/,
    `name: emoji\n${head}`,
  ],
  [
    'no colon',
    `${head}train\nseed: 1\n`,
    '2:1-2:6',
    '',
    /colon is missing after train/,
    `${head}train:\nseed: 1\n`,
  ],
  [
    'indented under a value',
    `${head}name: emoji\n  seed: 1\n`,
    '3:3-3:10',
    '',
    /indented as a part of the line above/,
    null,
  ],
  [
    'out of line with its siblings',
    `${head}train:\n    epochs: 2\n  batch_size: 64\n`,
    '4:3-4:17',
    '',
    /indented differently/,
    null,
  ],
  ['two keys on a line', `${head}train: epochs: 2\n`, '2:8-2:17', '', /line of its own or in \{ \}/, null],
  [
    'a reserved sign',
    `${head}name: @home\n`,
    '2:7-2:12',
    '',
    /cannot start with @.*quotes/,
    `${head}name: "@home"\n`,
  ],
  [
    'a Windows path in double quotes',
    'data: { pairs: "C:\\pics\\a.csv" }\n',
    '1:19-1:21',
    '',
    /\\p means nothing/,
    "data: { pairs: 'C:\\pics\\a.csv' }\n",
  ],
  [
    'an alias of nothing',
    `${head}train: { batch_size: *big }\n`,
    '2:22-2:26',
    'train.batch_size',
    /\*big names nothing/,
    null,
  ],
  ['an alias inside its own value', `${head}x-a: &a [1, *a]\n`, '2:13-2:15', 'x-a', /never end/, null],
  [
    'a merge of a number',
    `${head}loss:\n  <<: 5\n  temperature: 0.2\n`,
    '3:3-3:5',
    'loss',
    /takes a map/,
    null,
  ],
  ['a list as a key', `${head}[1, 2]: x\n`, '2:1-2:7', '', /must be a word/, null],
  ['a third document', `${head}---\nname: b\n---\nname: c\n`, '2:1-2:4', '', /second document/, null],
  ['a document after three dots', `${head}...\nname: b\n`, '3:1-3:2', '', /second document/, null],
  // Keys.
  [
    'a duplicate section',
    `${head}loss: { temperature: 0.1 }\nloss: { temperature: 0.2 }\n`,
    '3:1-3:5',
    'loss',
    /twice.*line 2/,
    null,
  ],
  [
    'a duplicate in brackets after an emoji',
    `${head}x-a: { x: "🐼", x: 1 }\n`,
    '2:17-2:18',
    'x-a.x',
    /twice/,
    null,
  ],
  [
    'a key that another tool uses',
    `${head}train:\n  bs: 64\n`,
    '3:3-3:5',
    'train.bs',
    /batch_size is near/,
    `${head}train:\n  batch_size: 64\n`,
  ],
  [
    'another tool’s key elsewhere',
    `${head}max_grad_norm: 1.0\n`,
    '2:1-2:14',
    'max_grad_norm',
    /optimizer\.clip_norm/,
    `${head}optimizer:\n  clip_norm: 1.0\n`,
  ],
  [
    'one rate for all branches, in the wrong place',
    `${head}lr: 1e-4 # all\n`,
    '2:1-2:3',
    'lr',
    /optimizer\.learning_rate/,
    `${head}optimizer:\n  learning_rate: { image: 1e-4, text: 1e-4, fusion: 1e-4 }\n`,
  ],
  [
    'a section at the wrong level',
    `${head}fusion: { kind: late }\n`,
    '2:1-2:7',
    'fusion',
    /model\.fusion/,
    `${head}model:\n  fusion: { kind: late }\n`,
  ],
  [
    'a dotted key outside the sweep',
    `${head}loss.temperature: 0.2\n`,
    '2:1-2:17',
    'loss.temperature',
    /belongs under loss/,
    `${head}loss:\n  temperature: 0.2\n`,
  ],
  [
    'a key in the wrong section',
    `data: { pairs: a.csv, batch_size: 64 }\n`,
    '1:23-1:33',
    'data.batch_size',
    /train\.batch_size/,
    'data: { pairs: a.csv }\ntrain:\n  batch_size: 64\n',
  ],
  [
    'capitals',
    `${head}Train: { epochs: 2 }\n`,
    '2:1-2:6',
    'Train',
    /train is near/,
    `${head}train: { epochs: 2 }\n`,
  ],
  ['nothing like it', `${head}banana: 1\n`, '2:1-2:7', 'banana', /there are name, seed, data/, null],
  ['a number as a key', `${head}train: { 64: 1 }\n`, '2:10-2:12', 'train.64', /Unknown key 64/, null],
  ['x- below the top', `${head}train: { x-a: 1 }\n`, '2:10-2:13', 'train.x-a', /Unknown key x-a/, null],
  // Values.
  [
    'a comma for a point',
    `${head}loss: { temperature: "0,1" }\n`,
    '2:22-2:27',
    'loss.temperature',
    /write 0\.1/,
    `${head}loss: { temperature: 0.1 }\n`,
  ],
  [
    'percent for a share',
    `data: { pairs: a.csv, val_fraction: 10% }\n`,
    '1:37-1:40',
    'data.val_fraction',
    /write 0\.1/,
    'data: { pairs: a.csv, val_fraction: 0.1 }\n',
  ],
  [
    'a share above one',
    `data:\n  pairs: a.csv\n  val_fraction: 10\n`,
    '3:17-3:19',
    'data.val_fraction',
    /below 1/,
    'data:\n  pairs: a.csv\n  val_fraction: 0.1\n',
  ],
  [
    'infinity',
    `${head}optimizer: { clip_norm: .inf }\n`,
    '2:25-2:29',
    'optimizer.clip_norm',
    /must be a number/,
    `${head}optimizer: { clip_norm: 1 }\n`,
  ],
  [
    'a clip norm of zero',
    `${head}optimizer: { clip_norm: 0 }\n`,
    '2:25-2:26',
    'optimizer.clip_norm',
    /above zero/,
    `${head}optimizer: { clip_norm: 1 }\n`,
  ],
  [
    'yes for true',
    `${head}loss: { learn_temperature: yes }\n`,
    '2:28-2:31',
    'loss.learn_temperature',
    /write true/,
    `${head}loss: { learn_temperature: true }\n`,
  ],
  [
    'a flag in quotes',
    `${head}loss: { learn_temperature: "true" }\n`,
    '2:28-2:34',
    'loss.learn_temperature',
    /write true/,
    `${head}loss: { learn_temperature: true }\n`,
  ],
  [
    'no under %YAML 1.1, where it is false, as a name',
    `%YAML 1.1\n---\nname: no\n${head}`,
    '3:7-3:9',
    'name',
    /write it in quotes: "no"/,
    `%YAML 1.1\n---\nname: "no"\n${head}`,
  ],
  [
    'a list for a text',
    `data:\n  pairs:\n    - a.csv\n    - b.csv\n`,
    '3:5-4:12',
    'data.pairs',
    /a list where text is wanted/,
    null,
  ],
  [
    'a map for a number',
    `${head}train: { batch_size: { a: 1 } }\n`,
    '2:22-2:30',
    'train.batch_size',
    /a map where a whole number is wanted/,
    `${head}train: { batch_size: 64 }\n`,
  ],
  [
    'one number for all rates',
    `${head}optimizer:\n  learning_rate: 1e-3\n`,
    '3:18-3:22',
    'optimizer.learning_rate',
    /write \{ image: 1e-3, text: 1e-3, fusion: 1e-3 \}/,
    `${head}optimizer:\n  learning_rate: { image: 1e-3, text: 1e-3, fusion: 1e-3 }\n`,
  ],
  [
    'a word for a section',
    `${head}train: fast\n`,
    '2:8-2:12',
    'train',
    /single value where a map is wanted.*batch_size/,
    null,
  ],
  [
    'one bad item of a list',
    `${head}eval: { recall_at: [1, 5, ten] }\n`,
    '2:27-2:30',
    'eval.recall_at',
    /a whole number|whole numbers/,
    null,
  ],
  [
    'a zero in recall_at',
    `${head}eval:\n  recall_at:\n    - 1\n    - 0\n`,
    '5:7-5:8',
    'eval.recall_at',
    /1 or more/,
    null,
  ],
  [
    'three numbers for a range',
    `data: { pairs: a.csv, augment: { crop: [0.8, 0.9, 1] } }\n`,
    '1:40-1:53',
    'data.augment.crop',
    /two numbers/,
    'data: { pairs: a.csv, augment: { crop: [0.8, 1] } }\n',
  ],
  [
    'a range upside down',
    `data: { pairs: a.csv, augment: { crop: [1.0, 0.8] } }\n`,
    '1:40-1:50',
    'data.augment.crop',
    /above the largest/,
    'data: { pairs: a.csv, augment: { crop: [0.8, 1] } }\n',
  ],
  [
    'a length without a unit that is known',
    `${head}eval: { every: 2 epcohs }\n`,
    '2:16-2:24',
    'eval.every',
    /not a length/,
    `${head}eval: { every: 2 epochs }\n`,
  ],
  [
    'half a step',
    `${head}eval: { every: 0.5 }\n`,
    '2:16-2:19',
    'eval.every',
    /not a length/,
    `${head}eval: { every: 0.5 epochs }\n`,
  ],
  [
    'more than the whole run',
    `${head}optimizer: { schedule: { warmup: 150% } }\n`,
    '2:34-2:38',
    'optimizer.schedule.warmup',
    /not a length/,
    null,
  ],
  [
    'max_length beyond BERT',
    `data:\n  pairs: a.csv\n  max_length: 1024\n`,
    '3:15-3:19',
    'data.max_length',
    /at most 512/,
    'data:\n  pairs: a.csv\n  max_length: 512\n',
  ],
  [
    'steps and epochs',
    `${head}train: { steps: 100, epochs: 2 }\n`,
    '2:10-2:15',
    'train.steps',
    /epochs and steps exclude each other/,
    `${head}train: { epochs: 2 }\n`,
  ],
  [
    'a metric that is not measured',
    `${head}checkpoint: { best: val/recall@3 }\n`,
    '2:21-2:33',
    'checkpoint.best',
    /recall@3 is not measured; eval\.recall_at holds 1, 5, 10/,
    `${head}checkpoint: { best: val/recall@1 }\n`,
  ],
  [
    'a metric that is none',
    `${head}checkpoint: { best: accuracy }\n`,
    '2:21-2:29',
    'checkpoint.best',
    /no metric/,
    `${head}checkpoint: { best: val/recall@1 }\n`,
  ],
  [
    'heads that do not divide a written width',
    `${head}model: { fusion: { dim: 250 } }\n`,
    '2:25-2:28',
    'model.fusion.dim',
    /250.*cannot be divided by 8/,
    `${head}model: { fusion: { dim: 256 } }\n`,
  ],
  ['empty text', `data: { pairs: "" }\n`, '1:16-1:18', 'data.pairs', /empty text/, null],
  [
    'a delimiter of two signs',
    `data: { pairs: a.csv, delimiter: "||" }\n`,
    '1:34-1:38',
    'data.delimiter',
    /2 characters; one is wanted/,
    null,
  ],
  ['pairs without a value', 'data:\n  pairs:\n', '1:1-1:5', 'data', /data\.pairs is missing/, null],
  [
    'data without pairs',
    `name: a\ndata: { image_size: 64 }\n`,
    '2:1-2:5',
    'data',
    /data\.pairs is missing/,
    null,
  ],
  ['a single word', 'hello\n', '1:1-1:6', '', /single value where the experiment/, null],
  [
    'text after a quoted text',
    `${head}name: "emoji" run # x\n`,
    '2:15-2:18',
    '',
    /has ended before this.*"emoji run"/,
    `${head}name: "emoji run" # x\n`,
  ],
  [
    'a quote inside quotes',
    `${head}name: 'emoji's'\n`,
    '2:14-2:16',
    '',
    /has ended before this/,
    `${head}name: "emoji's"\n`,
  ],
  [
    'a bracket of the wrong kind',
    `${head}eval: { recall_at: [1, 5]] }\n`,
    '2:26-2:27',
    '',
    /This \] closes nothing/,
    `${head}eval: { recall_at: [1, 5] }\n`,
  ],
  [
    'an item of nothing',
    `${head}eval: { recall_at: [1, , 5] }\n`,
    '2:24-2:25',
    '',
    /Nothing stands before this comma/,
    `${head}eval: { recall_at: [1, 5] }\n`,
  ],
  [
    'a semicolon for a comma',
    `${head}loss: { temperature: 0.1; kind: info_nce }\n`,
    '2:22-2:41',
    '',
    /put a comma between/,
    `${head}loss: { temperature: 0.1, kind: info_nce }\n`,
  ],
  [
    'a dash on the line of its key',
    `${head}sweep: { }\nx-a: - 1\n`,
    '3:6-3:9',
    '',
    /write \[1\]/,
    `${head}sweep: { }\nx-a: [1]\n`,
  ],
  [
    'a colon in a text',
    `${head}name: emoji: v2 # x\n`,
    '2:7-2:16',
    '',
    /a text with a colon needs quotes/,
    `${head}name: "emoji: v2" # x\n`,
  ],
  [
    'a comment of another language',
    `${head}// faster\n`,
    '2:1-2:10',
    '',
    /A comment starts with #/,
    `${head}# faster\n`,
  ],
  [
    'a key further out than the first',
    `  data:\n    pairs: a.csv\n seed: 1\n`,
    '3:2-3:9',
    '',
    /indented less than the first key/,
    null,
  ],
  [
    'no space after a colon in brackets',
    `${head}loss: { temperature:0.1, kind: info_nce }\n`,
    '2:9-2:24',
    'loss.temperature:0.1',
    /write temperature: 0\.1/,
    `${head}loss: { temperature: 0.1, kind: info_nce }\n`,
  ],
  [
    'an equals sign for a colon',
    `${head}loss:\n  temperature = 0.1 # x\n`,
    '3:3-3:20',
    'loss',
    /write temperature: 0\.1/,
    `${head}loss:\n  temperature: 0.1 # x\n`,
  ],
  [
    'a section of items',
    `${head}train:\n  - epochs: 2 # a\n  - batch_size: 64\n`,
    '3:3-4:19',
    'train',
    /leave out the dashes/,
    `${head}train:\n    epochs: 2 # a\n    batch_size: 64\n`,
  ],
  [
    'a choice for its section',
    `${head}model: { fusion: late }\n`,
    '2:18-2:22',
    'model.fusion',
    /write \{ kind: late \}/,
    `${head}model: { fusion: { kind: late } }\n`,
  ],
  [
    'a file for the data',
    `data: a.csv # x\n`,
    '1:7-1:12',
    'data',
    /write \{ pairs: a\.csv \}/,
    `data: { pairs: a.csv } # x\n`,
  ],
  [
    'several values for one setting',
    `${head}loss: { temperature: [0.1, 0.07], kind: info_nce } # x\n`,
    '2:22-2:33',
    'loss.temperature',
    /list them under sweep/,
    `${head}loss: { kind: info_nce } # x\nsweep:\n  loss.temperature: [0.1, 0.07]\n`,
  ],
  [
    'several seeds',
    `${head}seed: [0, 1]\n`,
    '2:7-2:13',
    'seed',
    /list them under sweep/,
    `${head}sweep:\n  seeds: [0, 1]\n`,
  ],
  [
    'two numbers with a space between them',
    `${head}train: { batch_size: 64 128 } # x\n`,
    '2:22-2:28',
    'train.batch_size',
    /several values \(64, 128\) .* list them under sweep/,
    `${head}sweep:\n  train.batch_size: [64, 128]\n`,
  ],
  [
    'two numbers with a comma between them',
    `${head}loss: { temperature: "0.1, 0.07", kind: info_nce }\n`,
    '2:22-2:33',
    'loss.temperature',
    /several values \(0\.1, 0\.07\) .* list them under sweep/,
    `${head}loss: { kind: info_nce }\nsweep:\n  loss.temperature: [0.1, 0.07]\n`,
  ],
  [
    'a range of whole numbers',
    `${head}train: { batch_size: 32..128, epochs: 3 }\n`,
    '2:22-2:29',
    'train.batch_size',
    /several values \(32, 64, 128\) .* list them under sweep/,
    `${head}train: { epochs: 3 }\nsweep:\n  train.batch_size: [32, 64, 128]\n`,
  ],
  [
    'a comma between groups of digits',
    `${head}train: { steps: "2,048" }\n`,
    '2:17-2:24',
    'train.steps',
    /write 2048/,
    `${head}train: { steps: 2048 }\n`,
  ],
  [
    'a decimal comma',
    `${head}loss: { temperature: "0,07" }\n`,
    '2:22-2:28',
    'loss.temperature',
    /write 0\.07/,
    `${head}loss: { temperature: 0.07 }\n`,
  ],
  [
    'no commas in a list',
    `${head}eval: { recall_at: [1 5 10] }\n`,
    '2:21-2:27',
    'eval.recall_at',
    /commas are missing; write 1, 5, 10/,
    `${head}eval: { recall_at: [1, 5, 10] }\n`,
  ],
  [
    'a dash of typesetting',
    `${head}loss: { temperature: 1e–1 }\n`,
    '2:22-2:26',
    'loss.temperature',
    /write 1e-1/,
    `${head}loss: { temperature: 1e-1 }\n`,
  ],
  [
    'a power of ten',
    `${head}loss: { temperature: 5*10^-2 }\n`,
    '2:22-2:29',
    'loss.temperature',
    /write 5e-2/,
    `${head}loss: { temperature: 5e-2 }\n`,
  ],
  [
    'a number with its unit',
    `${head}train: { epochs: 10 epochs }\n`,
    '2:18-2:27',
    'train.epochs',
    /write 10\./,
    `${head}train: { epochs: 10 }\n`,
  ],
  [
    'thousands',
    `${head}train: { steps: 20k }\n`,
    '2:17-2:20',
    'train.steps',
    /write 20000/,
    `${head}train: { steps: 20000 }\n`,
  ],
  [
    'none for null',
    `${head}optimizer: { clip_norm: None }\n`,
    '2:25-2:29',
    'optimizer.clip_norm',
    /write null/,
    `${head}optimizer: { clip_norm: null }\n`,
  ],
  [
    'true for weights',
    `${head}model: { text_encoder: { weights: true } }\n`,
    '2:35-2:39',
    'model.text_encoder.weights',
    /a folder or a hub id/,
    `${head}model: { text_encoder: { weights: null } }\n`,
  ],
  [
    'gpu for an engine',
    `${head}train: { engine: gpu }\n`,
    '2:18-2:21',
    'train.engine',
    /tensorflow_gpu is near/,
    `${head}train: { engine: tensorflow_gpu }\n`,
  ],
  [
    'a share for a warm-up',
    `${head}optimizer: { schedule: { warmup: 0.05 } }\n`,
    '2:34-2:38',
    'optimizer.schedule.warmup',
    /not a length/,
    `${head}optimizer: { schedule: { warmup: 5% } }\n`,
  ],
  [
    'never',
    `${head}eval: { every: 0% }\n`,
    '2:16-2:18',
    'eval.every',
    /above zero/,
    `${head}eval: { every: 1 epoch }\n`,
  ],
  [
    'a number in lines',
    `${head}loss:\n  temperature: |\n    2,5\n  kind: info_nce\n`,
    '3:16-4:8',
    'loss.temperature',
    /write 2\.5/,
    `${head}loss:\n  temperature: 2.5\n  kind: info_nce\n`,
  ],
  // Sweeps.
  [
    'a bad item of a sweep',
    `${head}sweep:\n  optimizer.learning_rate.image: [1e-4, "1e-3"]\n`,
    '3:41-3:47',
    'sweep',
    /write 1e-3 without quotes/,
    `${head}sweep:\n  optimizer.learning_rate.image: [1e-4, 1e-3]\n`,
  ],
  [
    'a bad item on a line',
    `${head}sweep:\n  train.batch_size:\n    - 64\n    - 1\n`,
    '5:7-5:8',
    'sweep',
    /no negatives/,
    `${head}sweep:\n  train.batch_size:\n    - 64\n    - 64\n`,
  ],
  [
    'a single value to sweep',
    `${head}sweep: { loss.temperature: 0.1 }\n`,
    '2:28-2:31',
    'sweep',
    /write \[0\.1\]/,
    `${head}sweep: { loss.temperature: [0.1] }\n`,
  ],
  [
    'a sweep of a section',
    `${head}sweep:\n  optimizer.learning_rate: [1e-3]\n`,
    '3:3-3:26',
    'sweep',
    /name one with dots.*optimizer\.learning_rate\.image/,
    null,
  ],
  [
    'a sweep without dots',
    `${head}sweep:\n  temperature: [0.1]\n`,
    '3:3-3:14',
    'sweep',
    /loss\.temperature is near/,
    `${head}sweep:\n  loss.temperature: [0.1]\n`,
  ],
  [
    'a sweep of the seed',
    `${head}sweep: { seed: [0, 1] }\n`,
    '2:10-2:14',
    'sweep',
    /seeds: \[0, 1, 2\]/,
    `${head}sweep: { seeds: [0, 1] }\n`,
  ],
  [
    'no seeds',
    `${head}sweep: { seeds: [] }\n`,
    '2:17-2:19',
    'sweep',
    /nothing to try/,
    `${head}sweep: { seeds: [0, 1, 2] }\n`,
  ],
  [
    'half a seed',
    `${head}sweep: { seeds: [0, 1.5] }\n`,
    '2:21-2:24',
    'sweep',
    /whole number/,
    `${head}sweep: { seeds: [0, 1] }\n`,
  ],
  [
    'a sweep of what is not learnt',
    `${head}sweep: { checkpoint.keep: [1, 2] }\n`,
    '2:10-2:25',
    'sweep',
    /cannot be swept/,
    null,
  ],
  ['a list for the sweep', `${head}sweep: [1, 2]\n`, '2:8-2:14', 'sweep', /map of dotted keys/, null],
  [
    'too many runs',
    `${head}sweep:\n  seeds: [${Array.from({ length: 101 }, (_, i) => i).join(', ')}]\n  train.epochs: [${Array.from({ length: 100 }, (_, i) => i + 1).join(', ')}]\n`,
    '2:1-2:6',
    'sweep',
    /10100 runs \(101 × 100\)/,
    null,
  ],
  [
    'swept heads that do not divide',
    `${head}sweep:\n  model.fusion.heads: [4, 8, 12]\n`,
    '3:30-3:32',
    'sweep',
    /256.*cannot be divided by 12/,
    `${head}sweep:\n  model.fusion.heads: [4, 8, 16]\n`,
  ],
  [
    'a swept range upside down',
    `data: { pairs: a.csv }\nsweep: { data.augment.crop: [[0.8, 1], [1, 0.5]] }\n`,
    '2:40-2:48',
    'sweep',
    /above the largest/,
    `data: { pairs: a.csv }\nsweep: { data.augment.crop: [[0.8, 1], [0.5, 1]] }\n`,
  ],
  [
    'steps and epochs swept together',
    `${head}sweep:\n  train.steps: [100, 200] # a\n  train.epochs: [1, 2]\n`,
    '3:3-3:14',
    'sweep',
    /epochs and steps exclude each other/,
    `${head}sweep:\n  train.epochs: [1, 2]\n`,
  ],
  // Places.
  [
    'CRLF and a byte order mark',
    `\ufeffname: a\r\ndata:\r\n  pairs: a.csv\r\nloss: { temperature: -1 }\r\n`,
    '4:22-4:24',
    'loss.temperature',
    /above zero/,
    `\ufeffname: a\r\ndata:\r\n  pairs: a.csv\r\nloss: { temperature: 1 }\r\n`,
  ],
  [
    'a lone carriage return ends a line, as in VS Code',
    `# a\r# b\n${head}loss: { temperature: 0 }\n`,
    '4:22-4:23',
    'loss.temperature',
    /above zero/,
    null,
  ],
  [
    'a fault through an alias is marked at the alias',
    `x-big: &big huge\n${head}train:\n  batch_size: *big\n`,
    '4:15-4:19',
    'train.batch_size',
    /whole number is wanted/,
    null,
  ],
  [
    'a fault through a merge is marked where it is written',
    `x-t: &t { epochs: 0 }\n${head}train: { <<: *t }\n`,
    '1:19-1:20',
    'train.epochs',
    /1 or more/,
    null,
  ],
];

function place(text: string): { place: string; path: string; message: string; after: string | null } {
  const parsed = parseExperiment(text);
  expect(parsed.experiment).toBeNull();
  const problem = parsed.problems.find((one) => one.severity === 'error')!;
  const { line, column, endLine, endColumn } = problem.range;
  const [fix] = problem.fixes;
  return {
    place: `${line}:${column}-${endLine}:${endColumn}`,
    path: problem.path,
    message: problem.message,
    after: fix ? applyEdits(text, fix.edits) : null,
  };
}

describe('broken experiments', () => {
  test.each(cases)('%s', (_what, text, at, path, says, fixed) => {
    const found = place(text);
    expect({ place: found.place, path: found.path }, found.message).toEqual({ place: at, path });
    expect(found.message).toMatch(says);
    if (fixed !== null) expect(found.after).toBe(fixed);
  });

  test('related information names the first of two keys', () => {
    const { problems } = parseExperiment(`${head}optimizer:\n  weight_decay: 0.1\n  weight_decay: 0.2\n`);
    expect(problems[0]!.related).toMatchObject([
      { range: { line: 3, column: 3, endLine: 3, endColumn: 15 } },
    ]);
  });

  test.each([
    [
      'the second of two keys',
      `${head}loss:\n  temperature: 0.1\n  temperature: 0.2\n`,
      0,
      `${head}loss:\n  temperature: 0.1\n`,
    ],
    [
      'the first of two keys',
      `${head}loss:\n  temperature: 0.1\n  temperature: 0.2\n`,
      1,
      `${head}loss:\n  temperature: 0.2\n`,
    ],
    [
      'the first of two keys in brackets',
      `${head}loss: { temperature: 0.1, temperature: 0.2 }\n`,
      1,
      `${head}loss: { temperature: 0.2 }\n`,
    ],
    ['an unknown key', `${head}banana: 1\nseed: 1\n`, 0, `${head}seed: 1\n`],
    ['everything after the first document', `${head}---\nname: b\n`, 0, head],
    [
      'nothing, but adds the pairs',
      'data:\n  image_size: 64\n',
      0,
      'data:\n  image_size: 64\n  pairs: pairs.csv\n',
    ],
    ['nothing, but adds the data', '# mine\n', 0, '# mine\ndata:\n  pairs: pairs.csv\n'],
  ])('a quick fix removes %s', (_what, text, index, after) => {
    const problem = parseExperiment(text).problems.find((one) => one.severity === 'error')!;
    expect(applyEdits(text, problem.fixes[index]!.edits)).toBe(after);
  });

  test('aliases that explode are read in no time, with no memory', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 200; level++)
      lines.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(', ')}]`);
    const before = process.memoryUsage().heapUsed;
    const { problems } = parseExperiment(`${lines.join('\n')}\n${head}`);
    expect(problems.some((one) => one.code === 'too_many_aliases')).toBe(true);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(200e6);
  });

  test('brackets nested by the thousand are a problem, not a crash', () => {
    for (const text of [
      '['.repeat(20_000),
      `a: ${'{b: '.repeat(20_000)}`,
      `${'- '.repeat(5000)}x`,
      `${'? '.repeat(5000)}x`,
    ]) {
      const { problems } = parseExperiment(text);
      expect(problems.filter((one) => one.severity === 'error').length).toBeGreaterThan(0);
    }
  });

  test('names of JavaScript are keys like any other', () => {
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty'])
      for (const text of [
        `${head}${name}: 1\n`,
        `${head}loss: { ${name}: 1 }\n`,
        `${head}sweep: { ${name}: [1] }\n`,
      ])
        expect(parseExperiment(text).problems.map((one) => one.code)).toEqual([
          text.includes('sweep') ? 'no_such_setting' : 'unknown_key',
        ]);
  });

  test('a tag that nobody knows is told, a default metric follows recall_at', () => {
    const parsed = parseExperiment(`${head}name: !mine a\neval: { recall_at: [5, 10] }\n`);
    expect(parsed.problems.map((one) => [one.severity, one.code, one.range.column])).toEqual([
      ['warning', 'unknown_tag', 7],
    ]);
    expect(parsed.experiment?.checkpoint.best).toBe('val/recall@5');
  });

  test('errors before a syntax error are kept, those after it are not guessed', () => {
    const { problems } = parseExperiment(
      `${head}loss: { temperature: 0 }\neval: { recall_at: [1\ntrain: { batch_size: x }\n`,
    );
    expect(problems.map((one) => one.code)).toEqual(['too_small', 'yaml_bracket']);
  });
});
