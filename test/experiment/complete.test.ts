import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { completionsAt } from '../../src/experiment/editor/complete.ts';
import { parseExperiment } from '../../src/experiment/parse/parse.ts';
import { madeFile } from './arbitrary-file.ts';

// Many made-up files: slow machines may take their time.
vi.setConfig({ testTimeout: 180_000 });

const errorsOf = (text: string) =>
  parseExperiment(text)
    .problems.filter((one) => one.severity === 'error' && one.code !== 'missing_key')
    .map((one) => `${one.code} ${one.path}`);

describe('at every place of a made-up file', () => {
  test('what is offered stands on the line of the cursor, each once, and is taken without an error', () => {
    fc.assert(
      fc.property(madeFile, fc.nat(), ({ text }, pick) => {
        const before = errorsOf(text);
        for (let offset = 1 + (pick % 7); offset <= text.length; offset += 7) {
          // No cursor stands inside a line break.
          if (text.startsWith('\r\n', offset - 1)) continue;
          const items = completionsAt(text, offset);
          const labels = items.map((item) => item.label);
          expect(new Set(labels).size, `${offset} ${labels.join(' ')}\n${text}`).toBe(labels.length);
          for (const { range } of items) {
            expect(range.line).toBe(range.endLine);
            expect(range.start).toBeLessThanOrEqual(offset);
            expect(range.end).toBeGreaterThanOrEqual(offset);
          }
          const item = items[pick % items.length];
          if (!item) continue;
          const { start, end } = item.range;
          const after = text.slice(0, start) + item.insertText + text.slice(end);
          const what = `${offset} ${item.label}\n${text}\n---\n${after}`;
          // A key that is renamed takes what stands under it along.
          if (item.kind !== 'value' && item.insertText === item.label) continue;
          const fresh = errorsOf(after).filter((one) => !before.includes(one));
          if (item.kind === 'value')
            expect(
              fresh.filter((one) => !crossing.test(one)),
              what,
            ).toEqual([]);
          else
            expect(
              fresh.filter((one) => /unknown_key|duplicate_key|no_such/.test(one)),
              what,
            ).toEqual([]);
        }
      }),
      { numRuns: 100 },
    );
  });
});

/** Errors that values make with others. */
const crossing = /^(exclusive_keys|heads_do_not_divide|unknown_metric|range_upside_down)/;
