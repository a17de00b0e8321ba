import { describe, expect, test } from 'vitest';
import { completionsAt, pathAt } from '../../src/experiment/editor/complete.ts';
import { setSweep, setValue } from '../../src/experiment/edit/edit.ts';
import { applyEdits } from '../../src/experiment/edit/apply-edits.ts';
import { experimentFields } from '../../src/experiment/editor/fields.ts';
import { hoverAt } from '../../src/experiment/editor/hover.ts';
import { experimentJsonSchema } from '../../src/experiment/schema/json-schema.ts';
import { parseExperiment } from '../../src/experiment/parse/parse.ts';
import { root, sections, settings } from '../../src/experiment/schema/settings.ts';

/** A text with its cursor written as ‸. */
function at(marked: string): [text: string, offset: number] {
  const offset = marked.indexOf('‸');
  return [marked.replace('‸', ''), offset];
}

const labels = (marked: string) => completionsAt(...at(marked)).map((item) => item.label);

/** The text after the completion with that label is taken. */
function take(marked: string, label: string): string {
  const [text, offset] = at(marked);
  const item = completionsAt(text, offset).find((one) => one.label === label)!;
  expect(item, `${label} among ${labels(marked).join(', ')}`).toBeDefined();
  return text.slice(0, item.range.start) + item.insertText + text.slice(item.range.end);
}

describe('completion', () => {
  test.each([
    ['an empty file', '‸', [...root.children.keys()]],
    [
      'a new line at the top',
      'name: a\nseed: 1\n‸',
      [...root.children.keys()].filter((name) => name !== 'name' && name !== 'seed'),
    ],
    ['the start of a word', 'tr‸', [...root.children.keys()]],
    ['a line under a section', 'loss:\n  ‸', [...sections.get('loss')!.children.keys()]],
    [
      'beside a key that is there',
      'loss:\n  temperature: 0.1\n  ‸\n',
      ['kind', 'learn_temperature', 'bias', 'min_temperature'],
    ],
    [
      'a section in a section',
      'model:\n  fusion:\n    heads: 8\n    ‸',
      ['kind', 'layers', 'dim', 'hard_negatives'],
    ],
    ['back out again', 'model:\n  fusion:\n    heads: 8\n  ‸', ['weights', 'image_encoder', 'text_encoder']],
    ['in brackets', 'loss: { ‸ }', [...sections.get('loss')!.children.keys()]],
    [
      'in brackets after a comma',
      'loss: { kind: info_nce, t‸ }',
      ['temperature', 'learn_temperature', 'bias', 'min_temperature'],
    ],
    [
      'in brackets that are not closed',
      'loss: { kind: info_nce, ‸\ntrain:\n  epochs: 2\n',
      ['temperature', 'learn_temperature', 'bias', 'min_temperature'],
    ],
    ['brackets in brackets', 'model: { fusion: { ‸', [...sections.get('model.fusion')!.children.keys()]],
    ['a key before its colon', 'loss:\n  temp‸: 0.1\n', [...sections.get('loss')!.children.keys()]],
    ['a choice', 'model:\n  fusion:\n    kind: ‸', ['cross_attention', 'late', 'early']],
    ['a choice in brackets', 'model: { fusion: { kind: ‸ } }', ['cross_attention', 'late', 'early']],
    ['a flag', 'loss:\n  learn_temperature: ‸\n', ['false', 'true']],
    [
      'after an open bracket further up',
      'eval: { recall_at: [1, 5\nloss:\n  learn_temperature: ‸',
      ['false', 'true'],
    ],
    ['CRLF', 'loss:\r\n  learn_temperature: ‸\r\n', ['false', 'true']],
    ['the items of a swept choice', 'sweep:\n  model.fusion.kind: [late, ‸]', ['cross_attention', 'early']],
    [
      'the items of a swept choice on lines',
      'sweep:\n  model.fusion.kind:\n    - late\n    - ‸',
      ['cross_attention', 'early'],
    ],
    [
      'the item that is being changed',
      'sweep:\n  model.fusion.kind: [la‸te]',
      ['cross_attention', 'late', 'early'],
    ],
    ['items of swept rates', 'sweep: { optimizer.learning_rate.image: [1e-3, ‸] }', ['1e-4', '3e-4']],
    ['items of a list', 'eval: { recall_at: [5, ‸] }', ['1', '10']],
    [
      'a word before other keys',
      'loss:\n  kind: info_nce\n  te‸\n  min_temperature: 0.1\ntrain: {}\n',
      ['temperature', 'learn_temperature', 'bias'],
    ],
    [
      'a word between other keys in brackets',
      'loss: { te‸ kind: info_nce }',
      ['temperature', 'learn_temperature', 'bias', 'min_temperature'],
    ],
    ['right after a colon', 'loss:\n  learn_temperature:‸\n', ['false', 'true']],
    ['a line in brackets that wants a comma first', 'loss: {\n  kind: info_nce\n  ‸\n}\n', []],
    [
      'the metrics of this file',
      'eval: { recall_at: [3] }\ncheckpoint:\n  best: ‸',
      [
        'val/recall@3',
        'val/loss',
        'val/image_to_text/recall@3',
        'val/text_to_image/recall@3',
        'val/image_to_text/median_rank',
        'val/text_to_image/median_rank',
        'null',
      ],
    ],
    ['a list, each value once', 'data: { augment: { crop: ‸ } }', ['[0.8, 1]', '[0.9, 1.0]', 'null']],
    ['a second document', 'name: a\n---\n‸', []],
    ['a comment', '# nothing ‸', []],
    ['a comment after a value', 'name: a # x‸', []],
    ['a block text', 'name: |\n  some ‸', []],
    ['a word in another column than the keys beside it', 'loss:\n    kind: info_nce\n  te‸', []],
    ['before an item of a list', 'sweep:\n  seeds:\n  ‸- 1\n', []],
    ['after an open quote further up', 'name: "a\nloss:\n  learn_temperature: ‸', ['false', 'true']],
    ['before a value', 'loss: { learn_temperature: ‸ true }', ['false', 'true']],
    ['behind a closed bracket', 'loss: { kind: info_nce } ‸', []],
    ['under a key that holds a value', 'name:\n  ‸', []],
    ['an unknown section', 'banana:\n  ‸', []],
  ])('%s', (_what, marked, expected) => expect(labels(marked)).toEqual(expected));

  test('usual values come with their source, the default first', () => {
    const items = completionsAt(...at('optimizer:\n  schedule:\n    warmup: ‸'));
    expect(items.map((item) => [item.label, item.detail]).slice(0, 3)).toEqual([
      ['5%', 'default; Tandem'],
      ['10%', 'BERT fine-tuning'],
      ['2000 steps', 'CLIP, of 400,000'],
    ]);
    expect(labels('optimizer:\n  learning_rate: { text: ‸ }')).toEqual(['5e-4', '2e-5']);
  });

  test('a sweep offers every key that can be swept, rates and seeds first', () => {
    const found = labels('sweep:\n  optimizer.learning_rate.image: [1e-3]\n  ‸');
    expect(found.slice(0, 4)).toEqual([
      'optimizer.learning_rate.text',
      'optimizer.learning_rate.fusion',
      'optimizer.learning_rate.scale',
      'seeds',
    ]);
    expect(found).not.toContain('optimizer.learning_rate.image');
    expect(found).not.toContain('checkpoint.keep');
  });

  test.each([
    ['‸', 'train', 'train:\n  '],
    ['tr‸', 'train', 'train:\n  '],
    ['loss:\n  te‸', 'temperature', 'loss:\n  temperature: '],
    ['train:\n    epochs: 2\nmo‸', 'model', 'train:\n    epochs: 2\nmodel:\n    '],
    ['loss: {kind:‸}', 'info_nce', 'loss: {kind: info_nce}'],
    ['loss:\n  kind:‸', 'info_nce', 'loss:\n  kind: info_nce'],
    ['train:\n  engine: "c‸"', 'cpu', 'train:\n  engine: cpu'],
    ['loss:\n  te‸: 0.2', 'temperature', 'loss:\n  temperature: 0.2'],
    ['loss: { te‸ }', 'temperature', 'loss: { temperature:  }'],
    ['model:\n  fusion:\n    kind: la‸', 'late', 'model:\n  fusion:\n    kind: late'],
    ['model: { fusion: { kind: early‸, heads: 8 } }', 'late', 'model: { fusion: { kind: late, heads: 8 } }'],
    ['model:\n  fusion:\n    kind: ‸early # why', 'late', 'model:\n  fusion:\n    kind: late # why'],
    [
      'sweep:\n  ‸',
      'optimizer.learning_rate.image',
      'sweep:\n  optimizer.learning_rate.image: [1e-4, 3e-4, 1e-3]',
    ],
    [
      'sweep:\n  model.fusion.kind: ‸',
      '[cross_attention, late, early]',
      'sweep:\n  model.fusion.kind: [cross_attention, late, early]',
    ],
    ['sweep:\n  train.batch_size: [64, 2‸]', '256', 'sweep:\n  train.batch_size: [64, 256]'],
  ])('%s takes %s', (marked, label, after) => expect(take(marked, label)).toBe(after));
});

describe('completion with what is known from outside', () => {
  const known = { columns: ['id', 'no', 'photo file'], files: ['pictures/', 'pairs.csv', "it's, a.csv"] };
  test.each([
    ['data:\n  image_column: ‸', ['id', '"no"', 'photo file', 'image']],
    ['data: { split_by: ‸ }', ['id', '"no"', 'photo file', 'image', 'caption']],
    ['data:\n  pairs: ‸', ['pictures/', 'pairs.csv', '"it\'s, a.csv"']],
    ['data:\n  val: p‸', ['pictures/', 'pairs.csv', '"it\'s, a.csv"', 'null']],
    ['train:\n  engine: ‸', ['auto', 'onnx', 'tensorflow_gpu', 'tensorflow', 'cpu']],
  ])('%s', (marked, expected) => {
    expect(completionsAt(...at(marked), known).map((item) => item.label)).toEqual(expected);
  });

  test.each([
    ['data:\n  pairs: sub/p‸airs.csv', { setting: 'data.pairs', written: 'sub/p' }],
    ['data: { val: "sub/‸" }', { setting: 'data.val', written: 'sub/' }],
    ['model: { text_encoder: { weights: ‸ } }', { setting: 'model.text_encoder.weights', written: '' }],
    [
      'sweep: { model.text_encoder.weights: [null, w‸] }',
      { setting: 'model.text_encoder.weights', written: 'w' },
    ],
    ['data:\n  image_column: a‸', null],
    ['da‸ta:', null],
  ])('the path at %s', (marked, expected) => expect(pathAt(...at(marked))).toEqual(expected));
});

describe('hover', () => {
  test.each([
    [
      'a key',
      'loss: { temp‸erature: 0.1 }',
      'loss.temperature',
      [8, 19],
      /divided.*Default: `0\.1`.*SimCLR/s,
    ],
    ['a value', 'loss: { temperature: 0.‸1 }', 'loss.temperature', [21, 24], /SimCLR/],
    ['a section', 'lo‸ss: { temperature: 0.1 }', 'loss', [0, 4], /What is made small.*`temperature`/s],
    [
      'the rates',
      'optimizer: { learn‸ing_rate: { text: 2e-5 } }',
      'optimizer.learning_rate',
      [13, 26],
      /`image`: Peak learning rate of the image encoder\. Default: `1e-3 from scratch.*Here: image `1e-3`, text `2e-5`, fusion `1e-3`, scale `1e-3`\./s,
    ],
    ['a unit', 'data:\n  image_‸size: 64\n', 'data.image_size', [8, 18], /Unit: pixels/],
    ['a swept key', 'sweep: { loss.temp‸erature: [0.1] }', 'loss.temperature', [9, 25], /swept/],
    ['an item of a sweep', 'sweep: { loss.temperature: [0.1, 0.‸2] }', 'loss.temperature', [33, 36], /swept/],
  ])('on %s', (_what, marked, path, range, says) => {
    const hover = hoverAt(...at(marked))!;
    expect([hover.path, hover.range.start, hover.range.end]).toEqual([path, ...range]);
    expect(hover.markdown).toMatch(says);
  });

  test('every key and every value says what it means', () => {
    const paths = [...settings.keys()].filter((path) => path !== 'sweep');
    const text = paths.reduce((file, path) => {
      const { usual, choices, defaultText } = settings.get(path)!;
      const value = usual[0]?.value ?? choices?.[0] ?? (/^\S+$/.test(defaultText) ? defaultText : '5');
      return applyEdits(file, setValue(file, path, value));
    }, '# é🐼\r\n');
    const { places } = parseExperiment(text);
    for (const path of paths) {
      const { keyStart, keyEnd, value } = places.get(path)!;
      const { description } = settings.get(path)!;
      const onKey = hoverAt(text, keyStart + 1)!;
      const onValue = hoverAt(text, value.start)!;
      expect([onKey.path, onKey.range.start, onKey.range.end]).toEqual([path, keyStart, keyEnd]);
      expect(onKey.markdown).toContain(description);
      expect(onValue.path, path).toBe(path);
      expect(onValue.markdown).toContain(description);
    }
  });

  test('nothing on blanks, comments and unknown keys', () => {
    for (const marked of ['# com‸ment', 'bana‸na: 1', 'name: a\n\n‸\nseed: 1\n'])
      expect(hoverAt(...at(marked))).toBeNull();
  });

  test('on a rate: what earlier runs near it reached', () => {
    const path = 'optimizer.learning_rate.image';
    const run = (rate: number, best: number | null, diverged = false) => ({
      settings: { [path]: rate },
      best,
      metric: 'val/recall@1',
      diverged,
    });
    const earlier = [
      run(1e-3, 0.2),
      run(1e-3, 0.31),
      run(1e-3, null, true),
      run(3e-3, 0.12),
      run(3.16e-4, 0.25),
      run(1e-5, 0.9),
    ];
    const { markdown } = hoverAt(...at('optimizer: { learning_rate: { image: 1e‸-3 } }'), earlier)!;
    expect(markdown).toContain('Your earlier runs near `1e-3` (5):');
    expect(markdown).toContain('| `1e-3` | 3 | 0.31 | 1 |');
    expect(markdown).toContain('| `3e-3` | 1 | 0.12 | 0 |');
    expect(markdown).toContain('| `3.16e-4` | 1 | 0.25 | 0 |');
    expect(markdown).not.toContain('| `1e-5` |');
    // On the key, the value that holds: here the default.
    const onKey = hoverAt(...at('optimizer: { learning_rate: { ima‸ge: } }'), earlier)!;
    expect(onKey.markdown).toContain('near `1e-3`');
    const item = hoverAt(...at(`sweep:\n  ${path}: [1e‸-5, 1e-3]\n`), earlier)!;
    expect(item.markdown).toContain('| `1e-5` | 1 | 0.9 | 0 |');
  });
});

describe('form fields', () => {
  test('text as written, default, sweep', () => {
    const parsed = parseExperiment(
      'data: { pairs: "a.csv" }\nmodel: { text_encoder: { weights: w } }\nsweep:\n  loss.temperature: [0.1, 7e-2]\n  seeds: [1, 2]\n',
    );
    const field = (path: string) => experimentFields(parsed).find((one) => one.path === path)!;
    expect(field('data.pairs')).toMatchObject({
      text: '"a.csv"',
      control: 'path',
      section: 'Data',
      sweepable: false,
    });
    expect(field('loss.temperature')).toMatchObject({
      text: null,
      defaultText: '0.1',
      sweep: ['0.1', '7e-2'],
      sweepable: true,
    });
    expect(field('seed').sweep).toEqual(['1', '2']);
    expect(field('optimizer.learning_rate.text').defaultText).toBe('2e-5');
    expect(field('model.fusion.kind')).toMatchObject({
      control: 'choice',
      choices: ['cross_attention', 'late', 'early'],
    });
    expect(field('optimizer.schedule.warmup')).toMatchObject({ control: 'duration', defaultText: '5%' });
  });

  test('a random sweep: what each setting is drawn from, how many are drawn, and what ends it', () => {
    const parsed = parseExperiment(
      `data: { pairs: a.csv }
train: { steps: 60 }
sweep:
  random: { count: 6 }
  optimizer.learning_rate.image: { log_uniform: [1e-5, 1e-2] }
  train.batch_size: { choice: [16, 32] }
  budget: { runs: 5 }
`,
    );
    const field = (path: string) => experimentFields(parsed).find((one) => one.path === path)!;
    expect(field('optimizer.learning_rate.image')).toMatchObject({
      sweep: ['1e-5', '1e-2'],
      draw: 'log_uniform',
      draws: ['choice', 'log_uniform', 'uniform', 'integer'],
    });
    expect(field('train.batch_size')).toMatchObject({ sweep: ['16', '32'], draw: 'choice' });
    expect(field('loss.kind')).toMatchObject({ sweep: null, draws: ['choice'] });
    expect(field('sweep.random.count')).toMatchObject({ text: '6', section: 'Sweep › Random' });
    expect(field('sweep.random.seed')).toMatchObject({ text: null, defaultText: '0' });
    expect(field('sweep.budget.runs')).toMatchObject({ text: '5', section: 'Sweep › Budget' });
    // Not there at all, so nothing is stopped early.
    expect(field('sweep.stop_early.reduction')).toMatchObject({ text: null, defaultText: '' });
    // The length is in steps: epochs have no default beside them.
    expect(field('train.steps')).toMatchObject({ text: '60', isBasic: true });
    expect(field('train.epochs')).toMatchObject({ text: null, defaultText: '', isBasic: false });
  });

  test('every key says what it is', () => {
    for (const setting of settings.values()) {
      expect(setting.label, setting.path).not.toBe('');
      expect(setting.description, setting.path).toMatch(/[.]$/);
      if (setting.wants === 'number' || setting.wants === 'whole')
        expect(setting.unit ?? setting.usual[0] ?? setting.nullable, setting.path).toBeTruthy();
    }
  });
});

describe('the JSON schema', () => {
  const schema = experimentJsonSchema();
  test('holds a description and a title for every key, and nothing of zod’s own', () => {
    const visit = (node: Record<string, unknown>, path: string): void => {
      for (const [name, child] of Object.entries(
        (node.properties ?? {}) as Record<string, Record<string, unknown>>,
      )) {
        if (path !== 'sweep.') expect(child.title, path + name).toBeTruthy();
        expect(child.description, path + name).toBeTruthy();
        expect(Object.keys(child)).not.toContain('usual');
        visit(child, `${path}${name}.`);
      }
    };
    visit(schema as Record<string, unknown>, '');
  });
});

describe('edits, by example', () => {
  const set = (text: string, path: string, yaml: string) => applyEdits(text, setValue(text, path, yaml));
  test.each([
    ['an empty file', '', 'data.pairs', 'a.csv', 'data:\n  pairs: a.csv\n'],
    ['comments only', '# hi\n', 'seed', '1', '# hi\nseed: 1\n'],
    ['a document that starts and ends', '---\n...\n', 'seed', '1', '---\nseed: 1\n...\n'],
    ['no line break at the end', 'seed: 1', 'name', 'a', 'seed: 1\nname: a'],
    ['quotes and a comment', 'name: "a"   # why\n', 'name', 'b', 'name: b   # why\n'],
    [
      'a list on lines, item by item',
      'sweep:\n  loss.temperature:\n    - 0.1 # usual\n    - 0.2 # high\n',
      'sweep.loss.temperature',
      '[0.1, 0.07, 0.5]',
      'sweep:\n  loss.temperature:\n    - 0.1 # usual\n    - 0.07 # high\n    - 0.5\n',
    ],
    [
      'a shorter list on lines',
      'sweep:\n  seeds:\n    - 0\n    - 1 # b\n    - 2\n',
      'sweep.seeds',
      '[0]',
      'sweep:\n  seeds:\n    - 0\n',
    ],
    [
      'a section without a value',
      'loss: # later\nseed: 1\n',
      'loss.temperature',
      '0.2',
      'loss: # later\n  temperature: 0.2\nseed: 1\n',
    ],
    [
      'a section in brackets over lines',
      'loss: {\n    kind: info_nce # c\n  }\n',
      'loss.temperature',
      '0.2',
      'loss: {\n    kind: info_nce, # c\n    temperature: 0.2\n  }\n',
    ],
    ['an empty section in brackets', 'loss: {}\n', 'loss.temperature', '0.2', 'loss: { temperature: 0.2 }\n'],
    [
      'a section that is an alias',
      'x-l: &l { temperature: 0.3 }\nloss: *l\n',
      'loss.temperature',
      '0.2',
      'x-l: &l { temperature: 0.3 }\nloss: { <<: *l, temperature: 0.2 }\n',
    ],
    [
      'a key that a merge brings',
      'x-l: &l { temperature: 0.3 }\nloss:\n  <<: *l\n',
      'loss.temperature',
      '0.2',
      'x-l: &l { temperature: 0.3 }\nloss:\n  <<: *l\n  temperature: 0.2\n',
    ],
    [
      'an anchored value',
      'loss: { temperature: &t 0.3 }\n',
      'loss.temperature',
      '0.2',
      'loss: { temperature: &t 0.2 }\n',
    ],
    [
      'a block text before the end',
      'name: |\n  long\n  name\n',
      'seed',
      '1',
      'name: |\n  long\n  name\nseed: 1\n',
    ],
    ['a block text as the value', 'name: |\n  long\nseed: 1\n', 'name', 'b', 'name: b\nseed: 1\n'],
    ['text that YAML would read as something else', 'seed: 1\n', 'name', '"no"', 'seed: 1\nname: "no"\n'],
    ['text that is no YAML is quoted', 'seed: 1\n', 'name', 'a: b: c', 'seed: 1\nname: "a: b: c"\n'],
    [
      'text that means something in brackets',
      'data: { pairs: a }\n',
      'data.pairs',
      'x, y',
      'data: { pairs: "x, y" }\n',
    ],
    [
      'the indentation of the file',
      'train:\n    epochs: 2\n',
      'loss.temperature',
      '0.2',
      'train:\n    epochs: 2\nloss:\n    temperature: 0.2\n',
    ],
  ])('%s', (_what, text, path, yaml, after) => {
    expect(set(text, path, yaml)).toBe(after);
  });

  test('a file that is a list is left alone', () => expect(setValue('- 1\n', 'seed', '1')).toEqual([]));

  test('the first and the last value of a sweep make and remove its section', () => {
    const text = 'data: { pairs: a }\n';
    const swept = applyEdits(text, setSweep(text, 'loss.temperature', ['0.1', '0.2']));
    expect(swept).toBe('data: { pairs: a }\nsweep:\n  loss.temperature: [0.1, 0.2]\n');
    expect(applyEdits(swept, setSweep(swept, 'loss.temperature', null))).toBe(text);
  });
});
