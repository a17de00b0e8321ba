import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { readYaml } from '../../src/experiment/document/document.ts';
import { removeKey, setSweep, setValue } from '../../src/experiment/edit/edit.ts';
import { applyEdits } from '../../src/experiment/edit/apply-edits.ts';
import { settings } from '../../src/experiment/schema/settings.ts';
import type { TreeNode } from '../../src/experiment/document/tree.ts';
import { yamlText } from '../../src/experiment/edit/yaml-text.ts';
import { anySetting, madeFile, valueOfSetting } from './arbitrary-file.ts';
import { commentsOf, valuesOf } from './read-back.ts';

// Many made-up files: slow machines may take their time.
vi.setConfig({ testTimeout: 180_000 });

const change = fc
  .tuple(madeFile, anySetting)
  .chain(([file, setting]) => fc.tuple(fc.constant(file), fc.constant(setting), valueOfSetting(setting)));

describe('edits of made-up files', () => {
  test('the made-up files hold what they say', () => {
    fc.assert(
      fc.property(madeFile, (file) => {
        expect(valuesOf(file.text)).toEqual(file.values);
        expect(commentsOf(file.text)).toEqual([...file.comments].sort());
      }),
      { numRuns: 200 },
    );
  });

  test('setValue gives the value and leaves everything else: values, comments, line ends', () => {
    fc.assert(
      fc.property(change, ([file, setting, value]) => {
        const edits = setValue(file.text, setting.path, yamlText(value));
        const after = applyEdits(file.text, edits);
        expect(valuesOf(after), after).toEqual({ ...file.values, [setting.path]: value });
        expect(commentsOf(after)).toEqual([...file.comments].sort());
        if (file.text.includes('\r\n')) expect(after.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
        else expect(after).not.toContain('\r');
      }),
      { numRuns: 400 },
    );
  });

  test('a value that is there is replaced byte for byte, nothing beside it', () => {
    fc.assert(
      fc.property(change, ([file, setting, value]) => {
        fc.pre(setting.path in file.values);
        const [edit, ...more] = setValue(file.text, setting.path, yamlText(value));
        expect(more).toEqual([]);
        const entry = setting.path
          .split('.')
          .reduce<TreeNode>(
            (node, part) =>
              node.kind === 'map' ? node.entries.find((one) => one.name === part)!.value : node,
            readYaml(file.text).tree!,
          );
        expect([edit!.start, edit!.end]).toEqual([entry.start, entry.end]);
      }),
      { numRuns: 500 },
    );
  });

  test('removeKey takes the key and leaves every other value', () => {
    fc.assert(
      fc.property(madeFile, fc.nat(), (file, pick) => {
        const paths = Object.keys(file.values);
        fc.pre(paths.length > 1);
        const path = paths[pick % paths.length]!;
        const after = applyEdits(file.text, removeKey(file.text, path));
        const { [path]: _gone, ...rest } = file.values;
        void _gone;
        expect(valuesOf(after), after).toEqual(rest);
        const ownLine = (text: string) => text.replace(/^\ufeff/, '').match(/^[ \ufeff]*#.*$/gm) ?? [];
        expect(ownLine(after)).toEqual(ownLine(file.text));
      }),
      { numRuns: 500 },
    );
  });

  test('setSweep writes what is drawn from, and seeds under their own name', () => {
    const text = 'sweep:\n  random: { count: 3 }\n';
    const drawn = applyEdits(
      text,
      setSweep(text, 'optimizer.learning_rate.image', ['1e-5', '1e-2'], 'log_uniform'),
    );
    expect(drawn).toBe(`${text}  optimizer.learning_rate.image: { log_uniform: [1e-5, 1e-2] }\n`);
    const listed = applyEdits(drawn, setSweep(drawn, 'optimizer.learning_rate.image', ['1e-4', '1e-3']));
    expect(listed).toBe(`${text}  optimizer.learning_rate.image: [1e-4, 1e-3]\n`);
    expect(applyEdits(text, setSweep(text, 'seed', ['0', '1']))).toBe(`${text}  seeds: [0, 1]\n`);
  });

  test('setSweep makes, changes and removes a list', () => {
    const swept = fc.constantFrom(...[...settings.values()].filter((one) => one.sweepable));
    fc.assert(
      fc.property(
        fc
          .tuple(madeFile, swept)
          .chain(([file, setting]) =>
            fc.tuple(
              fc.constant(file),
              fc.constant(setting),
              fc.array(valueOfSetting(setting), { minLength: 1, maxLength: 4 }),
            ),
          ),
        ([file, setting, list]) => {
          const after = applyEdits(file.text, setSweep(file.text, setting.path, list.map(yamlText)));
          expect(valuesOf(after), after).toEqual({ ...file.values, [`sweep.${setting.path}`]: list });
          const without = applyEdits(after, setSweep(after, setting.path, null));
          const { [`sweep.${setting.path}`]: _gone, ...rest } = file.values;
          void _gone;
          expect(valuesOf(without), without).toEqual(rest);
        },
      ),
      { numRuns: 400 },
    );
  });
});
