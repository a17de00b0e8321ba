import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { checkExperiment } from '../../src/experiment/checks/check.ts';
import { parseExperiment } from '../../src/experiment/parse/parse.ts';
import { factsOf } from './case-facts.ts';

interface Expected {
  severity: 'error' | 'warning' | 'either';
  key: string | null;
  says: string;
  line?: number;
  column?: number;
  endLine?: number;
  endColumn?: number;
}

const folder = fileURLToPath(new URL('../cases/', import.meta.url));
const expected = JSON.parse(readFileSync(`${folder}expected.json`, 'utf8')) as {
  experiments: Record<string, { problems: Expected[] }>;
};

/** Errors beside the listed one that a row of test/cases/README.md allows, by their codes. */
const welcome: Record<string, string[]> = {
  '29-anchors-that-explode.tandem.yaml': ['unknown_key'],
  '32-emoji-before-the-fault.tandem.yaml': ['unknown_key'],
};

/** Words that the message must have, from the row's "says". */
const words: Record<string, RegExp> = {
  '03': /write 2e-5 without quotes/,
  '05': /write false/,
  '08': /max_length is near/,
  '09': /line 4 is not closed/,
  '10': /line 4/,
  '11': /second document/,
  '12': /belongs under optimizer \(optimizer\.learning_rate\)/,
  '13': /batch_size is near/,
  '14': /temperature is near/,
  '15': /tab.*spaces/,
  '16': /write \[1, 5, 10\]/,
  '17': /zero or more/,
  '18': /above zero \(0\.1 is usual\)/,
  '19': /5%, 100 steps, 1 epoch/,
  '20': /no full batch: 12 usable pairs, 9 for training, batch 64/,
  '21': /no negatives: the loss would be 0/,
  '22': /not found.*relative to the experiment file/i,
  '23': /there are image and caption/,
  '24': /resnet50 is near.*resnet_small, resnet18, resnet50/,
  '25': /256.*cannot be divided by 7/,
  '26': /frozen: the two trials are nearly the same/,
  '27': /optimizer\.learning_rate\.image is near/,
  '28': /empty list: nothing to try/,
  '29': /10\^9/,
  '30': /whole number/,
  '31': /temperature is near/,
  '32': /batch_size is near/,
  '33': /name is near/,
  '34': /data\.pairs is missing/,
  '35': /data\.pairs is missing/,
  '36': /list where the experiment \(a map\)/,
  '38': /must be a number/,
  '39': /exclude each other/,
  '40': /text, not a number, in YAML 1\.2; write 1000/,
};

describe('the broken experiments of test/cases', () => {
  const files = readdirSync(`${folder}experiments`);
  test('are all there', () => expect(files).toEqual(Object.keys(expected.experiments)));
  test.each(files)('%s', (file) => {
    const path = `${folder}experiments/${file}`;
    const parsed = parseExperiment(readFileSync(path, 'utf8'));
    const problems = [...parsed.problems, ...checkExperiment(parsed, factsOf(parsed, path))];
    const [wanted] = expected.experiments[file]!.problems;
    const errors = problems.filter((one) => one.severity === 'error');
    if (!wanted || wanted.severity === 'either') {
      expect(errors).toEqual([]);
      expect(parsed.experiment).not.toBeNull();
      return;
    }
    const found = problems.filter((one) => {
      const { line, column, endLine, endColumn } = one.range;
      const is = { line, column, endLine, endColumn };
      return (
        one.severity === wanted.severity &&
        one.path === (wanted.key ?? one.path) &&
        Object.entries(is).every(([name, value]) => (wanted[name as keyof typeof is] ?? value) === value)
      );
    });
    expect(found, JSON.stringify(problems, null, 1)).not.toEqual([]);
    expect(found[0]!.message).toMatch(words[file.slice(0, 2)]!);
    const others = errors.filter((one) => one !== found[0]);
    expect(others.filter((one) => !welcome[file]?.includes(one.code))).toEqual([]);
    if (wanted.severity === 'error' && !['20', '22', '23'].includes(file.slice(0, 2)))
      expect(parsed.experiment).toBeNull();
  });

  test('merge keys are applied, and keys that start with x- are allowed', () => {
    const parsed = parseExperiment(readFileSync(`${folder}experiments/07-merge-key.tandem.yaml`, 'utf8'));
    expect(parsed.experiment?.optimizer.learning_rate).toEqual({
      image: 0.001,
      text: 0.00002,
      fusion: 0.0005,
    });
  });

  test('numbers are numbers, in YAML 1.2 and under %YAML 1.1', () => {
    const read = (name: string) =>
      parseExperiment(readFileSync(`${folder}experiments/${name}`, 'utf8')).experiment!.optimizer;
    const { learning_rate, weight_decay, clip_norm } = read('02-numbers.tandem.yaml');
    expect({ ...learning_rate, weight_decay, clip_norm }).toEqual({
      image: 0.001,
      text: 0.00002,
      fusion: 0.001,
      weight_decay: 0.01,
      clip_norm: 1,
    });
    expect(read('04-yaml-1.1.tandem.yaml').learning_rate).toEqual({ image: 0.001, text: 0.00002 });
  });

  test('a name may be the word no', () => {
    const text = readFileSync(`${folder}experiments/06-name-is-no.tandem.yaml`, 'utf8');
    expect(parseExperiment(text).experiment?.name).toBe('no');
  });
});
