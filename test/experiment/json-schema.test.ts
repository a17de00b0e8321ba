import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import { experimentJsonSchema } from '../../src/experiment/schema/json-schema.ts';
import { parseExperiment } from '../../src/experiment/parse/parse.ts';
import { settings } from '../../src/experiment/schema/settings.ts';
import { yamlText } from '../../src/experiment/edit/yaml-text.ts';
import { setValue } from '../../src/experiment/edit/edit.ts';
import { applyEdits } from '../../src/experiment/edit/apply-edits.ts';

// A validator that we did not write, of the draft that editors read.
const ajv = new Ajv({ allowUnionTypes: true });
const schema = experimentJsonSchema();
const validate = ajv.compile(schema);

/** Errors that take more than the value of one key to see, or more than YAML's data. */
const beyond = new Set([
  'exclusive_keys',
  'heads_do_not_divide',
  'range_upside_down',
  'unknown_metric',
  'duplicate_key',
  'too_many_runs',
  'second_document',
]);

function agrees(text: string): void {
  const { problems } = parseExperiment(text);
  const errors = problems.filter((one) => one.severity === 'error' && !beyond.has(one.code));
  const isValid = validate(parse(text, { merge: true }));
  expect(isValid, `${text}\n${JSON.stringify([errors, validate.errors], null, 1)}`).toBe(errors.length === 0);
}

const head = 'data: { pairs: a }\n';

describe('the JSON schema says the same as the parser', () => {
  test('it is a schema', () => expect(ajv.validateSchema(schema)).toBe(true));

  test('of the files in test/cases', () => {
    const folder = fileURLToPath(new URL('../cases/experiments/', import.meta.url));
    // 04 is YAML 1.1; 09, 10, 11, 15 are no YAML to another reader; 29 explodes; 37 holds a key without a value.
    for (const file of readdirSync(folder).filter((name) => !/^(04|09|10|11|15|29|37)/.test(name)))
      agrees(readFileSync(folder + file, 'utf8'));
  });

  test.each([
    ['nothing at all', '{}'],
    ['no pairs', 'data: {}'],
    ['data of nothing', 'data: null'],
    ['x- at the top', `x-a: 1\n${head}`],
    ['x- below', `loss: { x-a: 1 }\n${head}`],
    ['a number as a name', `name: 2024\n${head}`],
    ['a truth value as a name', `name: true\n${head}`],
    ['a section of nothing', `loss:\n${head}`],
    ['a seed of nothing', `seed: null\n${head}`],
    ['the largest seed', `seed: 4294967295\n${head}`],
    ['a seed beyond', `seed: 4294967296\n${head}`],
    ['a swept seed beyond', `sweep: { seeds: [4294967296] }\n${head}`],
    ['a sweep of nothing', `sweep: null\n${head}`],
    ['an empty list', `sweep: { loss.temperature: [] }\n${head}`],
    ['a swept value too small', `sweep: { loss.temperature: [0.1, 0] }\n${head}`],
    ['null in a sweep', `sweep: { optimizer.clip_norm: [null, 1] }\n${head}`],
    ['null in a sweep that takes none', `sweep: { optimizer.learning_rate.image: [null] }\n${head}`],
    ['a sweep of an unknown key', `sweep: { x-a: [1] }\n${head}`],
    ['a random sweep', `sweep: { random: { count: 3 }, loss.temperature: { uniform: [0.1, 0.2] } }\n${head}`],
    ['a random sweep of how many', `sweep: { random: { seed: 3 }, loss.temperature: [0.1] }\n${head}`],
    ['random without a count', `sweep: { random: , loss.temperature: [0.1] }\n${head}`],
    [
      'an unknown distribution',
      `sweep: { random: { count: 3 }, loss.temperature: { normal: [0, 1] } }\n${head}`,
    ],
    [
      'a distribution of a word',
      `sweep: { random: { count: 3 }, model.fusion.kind: { uniform: [0, 1] } }\n${head}`,
    ],
    ['a choice of words', `sweep: { random: { count: 3 }, model.fusion.kind: { choice: [late] } }\n${head}`],
    ['one bound', `sweep: { random: { count: 3 }, loss.temperature: { uniform: [0.1] } }\n${head}`],
    [
      'halves of whole numbers',
      `sweep: { random: { count: 3 }, train.batch_size: { integer: [2.5, 8] } }\n${head}`,
    ],
    ['early stopping as it comes', `sweep: { stop_early: , loss.temperature: [0.1] }\n${head}`],
    ['another early stopping', `sweep: { stop_early: { kind: median }, loss.temperature: [0.1] }\n${head}`],
    ['a reduction to all', `sweep: { stop_early: { reduction: 1 }, loss.temperature: [0.1] }\n${head}`],
    ['a budget', `sweep: { budget: { runs: 3, steps: 1000, hours: 0.5 }, loss.temperature: [0.1] }\n${head}`],
    ['a budget of nothing', `sweep: { budget: { hours: 0 }, loss.temperature: [0.1] }\n${head}`],
    ['a sweep of what is not learnt', `sweep: { checkpoint.keep: [1, 2] }\n${head}`],
    ['a whole number with a point', `train: { batch_size: 64.0 }\n${head}`],
    ['a range of one', 'data: { pairs: a, augment: { crop: [0.8] } }'],
    ['a range of three', 'data: { pairs: a, augment: { crop: [0.8, 0.9, 1] } }'],
    ['a delimiter of two signs', 'data: { pairs: a, delimiter: ";;" }'],
    ['a share of one', 'data: { pairs: a, val_fraction: 1 }'],
    ['a word that is no metric', `checkpoint: { best: accuracy }\n${head}`.replace('accuracy', 'val/loss')],
  ])('%s', (_what, text) => agrees(text));

  test.each([
    ...['5%', '100%', '100.0 %', '0%', '0.5%', '150%', '101 %', '5 percent'],
    ...['0', '1', '0.5', '1.5', '-1', '"10"', '10 steps', '1 step', '0 steps', '1.5 steps', '1.0 steps'],
    ...['1 epoch', '2.5 epochs', '.5 epochs', '0 epochs', '0.0 epochs', '1e3 steps', '1e-3 epochs'],
    ...['10000 samples', '0 samples', 'epoch', 'null', 'true', '[1]', '{}', '""', '1epoch', '1 epoch x'],
  ])('a length of %s', (length) => {
    agrees(`eval: { every: ${length} }\n${head}`);
    agrees(`optimizer: { schedule: { warmup: ${length} } }\n${head}`);
    agrees(`sweep: { optimizer.schedule.warmup: [5%, ${length}] }\n${head}`);
  });

  test('any value at any key', () => {
    const values = [
      0,
      1,
      -1,
      0.5,
      1.5,
      2,
      7,
      64,
      1e-9,
      1e9,
      true,
      false,
      'late',
      'full',
      'a b',
      '',
      '1',
      '5%',
    ];
    const lists = [[], [1], [1, 5], [0.8, 1], ['a'], [null], [[1]]];
    const value = fc.constantFrom(...values, ...lists, null, { a: 1 });
    const setting = fc
      .constantFrom(...settings.keys())
      .filter((path) => path !== 'sweep' && path !== 'checkpoint.best' && path !== 'sweep.stop_early.metric');
    fc.assert(
      fc.property(setting, value, fc.boolean(), (path, one, isSwept) => {
        const key = isSwept ? `sweep.${path}` : path;
        const written = yamlText(isSwept ? [one] : one);
        const edited = applyEdits(head, setValue(head, key, written));
        agrees(edited);
      }),
      { numRuns: 1500 },
    );
  });
});
