import { describe, expect, test } from 'vitest';
import { checkExperiment } from '../../src/experiment/checks/check.ts';
import { applyEdits } from '../../src/experiment/edit/apply-edits.ts';
import { parseExperiment } from '../../src/experiment/parse/parse.ts';
import { cases, enough, factsAfter, head, quiet } from './check-cases.ts';

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
    const noNumber = ['large_for_a_cpu', ...noBoundary];
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
      const again = checkExperiment(after, factsAfter(code, facts)).filter(
        (one) => one.code === code && one.message === problem.message,
      );
      expect(again, fix.title).toEqual([]);
    }
  });

  test('every warning that a value can mend has a quick fix', () => {
    const without = cases.filter(([code, text, , , , facts]) => {
      const problem = checkExperiment(parseExperiment(text), facts).find((one) => one.code === code);
      return problem?.fixes.length === 0;
    });
    // No value mends a file that is not there, a model that is too large even with late fusion, or what the images and captions are, and which rates to sweep is a choice.
    const ofData = ['no_negatives', 'few_captions', 'missing_value_captions', 'unknown_captions'];
    const ofImages = ['images_left_out', 'repeated_images', 'shared_images'];
    expect([...new Set(without.map(([code]) => code))].sort()).toEqual(
      [
        'auto_without_weights',
        'file_not_found',
        'early_fusion_memory',
        'batch_sweep_one_rate',
        ...ofData,
        ...ofImages,
      ].sort(),
    );
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

  test('a misspelt encoder is not checked as another one', () => {
    const parsed = parseExperiment(
      `data: { pairs: a.csv, image_size: 100 }\nmodel:\n  image_encoder: { name: resnet }\n  text_encoder: { name: bert }\ntrain: { batch_size: 8 }\n`,
    );
    expect(parsed.problems.map((one) => one.code)).toEqual(['unknown_choice', 'unknown_choice']);
    const found = checkExperiment(parsed, { gpu: false, memory_bytes: 1e6 });
    expect(found.map((one) => one.code)).toEqual(['few_negatives']);
  });

  test('checks go on while something else is wrong', () => {
    const parsed = parseExperiment(`${head}banana: 1\nloss: { temperature: 3 }\n`);
    expect(parsed.experiment).toBeNull();
    expect(checkExperiment(parsed).map((one) => one.code)).toEqual(['temperature_large']);
  });
});

test('a webhook’s address in the file is refused without being repeated', () => {
  const text =
    'data: { pairs: a.csv }\nnotify: { webhook: slack, url_env: "https://hooks.example.com/T0/secret" }\n';
  const [problem, ...others] = parseExperiment(text).problems;
  expect(others).toEqual([]);
  expect(problem).toMatchObject({ severity: 'error', code: 'bad_text', path: 'notify.url_env' });
  expect(problem!.message).toContain('put it into an environment variable');
  expect(problem!.message).not.toContain('secret');
  expect(applyEdits(text, problem!.fixes[0]!.edits)).toContain('url_env: TANDEM_WEBHOOK_URL }');
});
