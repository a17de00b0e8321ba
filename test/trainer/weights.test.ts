import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ModelConfig } from '../../src/experiment/config.ts';
import { writeSafetensors } from '../../src/store/safetensors.ts';
import { bertParameters, bertShapes } from '../../src/trainer/model/bert.ts';
import { initialArrays } from '../../src/trainer/model/initial.ts';
import { buildModel, textPrefix } from '../../src/trainer/model/model.ts';
import { checkWeights } from '../../src/trainer/weights/check.ts';
import { prepareEncoders } from '../../src/trainer/weights/prepare.ts';
import { shardsOf } from '../../src/weights/shards.ts';
import { fixedTemperature, modelConfig } from './tiny.ts';

const tokens = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'red'];
const table = 'embeddings.word_embeddings.weight';
const arrays = initialArrays(bertParameters({ ...bertShapes['bert-tiny'], vocabulary: 8 }, ''), 1);

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'tandem-weights-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** bert-tiny with a table of `rows` tokens, beside a vocabulary of six. */
async function write(rows: number, vocabulary = tokens.join('\n')): Promise<ModelConfig> {
  writeFileSync(join(folder, 'vocab.txt'), vocabulary);
  const specs = bertParameters({ ...bertShapes['bert-tiny'], vocabulary: rows }, '');
  await writeSafetensors(
    join(folder, 'model.safetensors'),
    Object.fromEntries(
      specs.map(({ name, shape }) => {
        const count = shape.reduce((product, side) => product * side, 1);
        const data = Float32Array.from(arrays[name]!.subarray(0, count));
        return [name, { dtype: 'F32' as const, shape: [...shape], data }];
      }),
    ),
  );
  const config = modelConfig('late');
  return { ...config, text_encoder: { ...config.text_encoder, weights: folder } };
}

async function loaded(config: ModelConfig): Promise<{ words: Float32Array; notes: string[] }> {
  const encoders = await prepareEncoders(config, 64);
  const model = buildModel(config, fixedTemperature, encoders.shapes);
  const found = await encoders.initialArrays(model, 3);
  return { words: found[`${textPrefix}${table}`]!, notes: encoders.notes };
}

describe('a table of words', () => {
  it('that is padded loads without its spare rows, and that is said', async () => {
    const config = await write(8);
    expect(await checkWeights(config)).toEqual([]);
    const { words, notes } = await loaded(config);
    expect(words).toEqual(arrays[table]!.slice(0, 6 * bertShapes['bert-tiny'].width));
    expect(notes).toContain(`${folder}: 8 rows for 6 tokens: the last 2 are not used.`);
  });

  it('that has fewer rows than tokens does not fit, before and at the start of a run', async () => {
    const config = await write(5);
    const message = `The weights ${folder} do not fit bert-tiny: ${table} is [5, 128] and not [6, 128]. Choose the encoder that the weights were made with (model.*.name), or other weights.`;
    expect(await checkWeights(config)).toEqual([
      { path: 'model.text_encoder.weights', code: 'weights_mismatch', message },
    ]);
    await expect(loaded(config)).rejects.toThrow(message);
  });
});

describe('what editors and other systems leave in the files of a vocabulary', () => {
  it.each<[string, string, string | null]>([
    ['nothing', tokens.join('\n'), null],
    ['a byte order mark and CRLF', `\ufeff${tokens.join('\r\n')}\r\n`, '\ufeff{"do_lower_case": true}'],
    ['blank lines at the end', `${tokens.join('\n')}\n\n\n`, ''],
    ['settings of blanks', tokens.join('\n'), ' \n'],
  ])('%s', async (_, vocabulary, settings) => {
    const config = await write(6, vocabulary);
    if (settings !== null) writeFileSync(join(folder, 'tokenizer_config.json'), settings);
    expect(await checkWeights(config)).toEqual([]);
    const { tokenizer } = await prepareEncoders(config, 64);
    expect([tokenizer.vocabSize, tokenizer.padId]).toEqual([6, 0]);
    expect(Array.from(tokenizer.encode('RED', 8))).toEqual([2, 5, 3]);
  });

  it('a blank line among tokens keeps its id, as the weights count it', async () => {
    const config = await write(7, [...tokens.slice(0, 5), '', 'red'].join('\n'));
    const { tokenizer } = await prepareEncoders(config, 64);
    expect(Array.from(tokenizer.encode('red', 8))).toEqual([2, 6, 3]);
  });

  it('settings that are no JSON are told with their file', async () => {
    const config = await write(6);
    for (const text of ['{"do_lower', '[]', 'null']) {
      writeFileSync(join(folder, 'tokenizer_config.json'), text);
      expect(await checkWeights(config)).toMatchObject([
        { code: 'bad_vocabulary', message: expect.stringContaining('tokenizer_config.json cannot be read') },
      ]);
    }
  });
});

describe('weights that no run could begin with are found by their headers', () => {
  const faults = async (weights: string): Promise<string[]> => {
    const config = modelConfig('late');
    const named = { ...config, image_encoder: { ...config.image_encoder, weights } };
    return (await checkWeights(named)).map(({ path, code }) => `${path} ${code}`);
  };

  it('cut, of another encoder, of another kind, none', async () => {
    writeFileSync(join(folder, 'cut.safetensors'), Buffer.alloc(5, 1));
    expect(await faults(join(folder, 'cut.safetensors'))).toEqual([
      'model.image_encoder.weights broken_file',
    ]);
    await write(6);
    expect(await faults(folder)).toEqual(['model.image_encoder.weights weights_mismatch']);
    writeFileSync(join(folder, 'model.bin'), '');
    expect(await faults(join(folder, 'model.bin'))).toEqual(['model.image_encoder.weights not_safetensors']);
    expect(await faults(join(folder, 'nothing'))).toEqual(['model.image_encoder.weights weights_missing']);
    expect(await faults('hf:owner/name')).toEqual([]);
  });

  it('a Git LFS pointer or a web page in the place of any of the files', async () => {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 48213\n`;
    for (const name of ['model.safetensors', 'vocab.txt', 'config.json', 'tokenizer_config.json']) {
      const config = await write(6);
      rmSync(join(folder, 'config.json'), { force: true });
      writeFileSync(join(folder, name), pointer);
      expect(await checkWeights(config)).toMatchObject([
        {
          path: 'model.text_encoder.weights',
          code: 'bad_weights',
          message: `${join(folder, name)} is a Git LFS pointer, not the file itself (48,213 bytes). Run git lfs pull in its repository.`,
        },
      ]);
      writeFileSync(join(folder, name), '<!doctype html><p>Sign in</p>');
      expect((await checkWeights(config))[0]!.message).toContain('is a web page (HTML)');
      rmSync(join(folder, name));
    }
  });

  it.each([
    ['a path that leads out', { a: '../../etc/passwd' }, 'names "../../etc/passwd" as a file of weights'],
    [
      'a safetensors file elsewhere',
      { a: '../x.safetensors' },
      'names "../x.safetensors" as a file of weights',
    ],
    ['a whole path', { a: '/etc/x.safetensors' }, 'names "/etc/x.safetensors" as a file of weights'],
    ['a number', { a: 3 }, 'names 3 as a file of weights'],
    ['nothing', {}, 'names no file'],
    ['no list', null, 'names no file'],
    ['a file that is not there', { a: 'one.safetensors' }, 'names one.safetensors, which is not beside it'],
  ])('an index that names %s', async (_, weight_map, said) => {
    writeFileSync(join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map }));
    const config = modelConfig('late');
    const [fault] = await checkWeights({
      ...config,
      image_encoder: { ...config.image_encoder, weights: folder },
    });
    expect(fault!.message).toContain(said);
  });

  it('an index gives each of its files once', async () => {
    mkdirSync(join(folder, 'sub'));
    const index = join(folder, 'index.json');
    writeFileSync(
      index,
      '\ufeff{"weight_map":{"a":"2.safetensors","b":"1.safetensors","c":"2.safetensors"}}',
    );
    expect(await shardsOf(index)).toEqual(['1.safetensors', '2.safetensors']);
  });
});
