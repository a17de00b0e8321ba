import { describe, expect, test } from 'vitest';
import { cardsOf } from '../../src/analysis/cards.ts';
import { referencesOf } from '../../src/analysis/reference.ts';
import { reportHtml } from '../../src/analysis/report/report-html.ts';
import type { RunView } from '../../src/protocol/panel.ts';
import { fakeEvents, runOf } from '../panel/host/fake-runs.ts';

const training = { seed: 1, steps: 90, rates: { image: 1e-3, text: 2e-5 } };
const made = (change: (event: ReturnType<typeof fakeEvents>[number]) => void = () => undefined): RunView => {
  const events = fakeEvents(training);
  events.forEach(change);
  return runOf('a', events, { training });
};
const linesOf = (id: string, runs: RunView[]) =>
  referencesOf(
    cardsOf(runs).find((card) => card.id === id)!,
    runs,
  ).map(({ value, text }) => [text, value]);

describe('what curves are read against', () => {
  test('is chance in every recall plot, one line a K', () => {
    expect(linesOf('recall', [made()])).toEqual([
      ['chance, @1', 1 / 320],
      ['chance, @5', 5 / 320],
      ['chance, @10', 10 / 320],
    ]);
    // Both directions have the same chance here: one line.
    expect(linesOf('directions', [made()])).toEqual([['chance', 10 / 320]]);
  });

  test('of the validation loss is that of its own candidates', () => {
    const own = made((event) => {
      if (event.kind === 'eval') event.chance!['val/loss'] = { mean: Math.log(40), deviation: 0 };
    });
    expect(linesOf('loss', [own])).toEqual([
      ['chance ln 64, train', Math.log(64)],
      ['chance, val', Math.log(40)],
    ]);
  });

  test('is not guessed for a run that does not say, nor for runs that disagree', () => {
    const old = made((event) => {
      if (event.kind === 'eval') delete event.chance;
    });
    expect(linesOf('recall', [old])).toEqual([]);
    expect(linesOf('loss', [old])).toEqual([['chance ln 64, train', Math.log(64)]]);
    const other = made((event) => {
      if (event.kind === 'eval') event.chance!['val/recall@1'] = { mean: 0.5, deviation: 0 };
    });
    expect(linesOf('recall', [made(), other]).map(([text]) => text)).toEqual(['chance, @5', 'chance, @10']);
  });

  test('of seeds that hold other pairs out is one line: 10 of 38 images and 10 of 37', () => {
    const held = (images: number) =>
      made((event) => {
        if (event.kind === 'eval') event.chance!['val/recall@10'] = { mean: 10 / images, deviation: 0 };
      });
    const [line] = linesOf('recall', [held(38), held(37)]).filter(([text]) => text === 'chance, @10');
    expect(line![1]).toBeCloseTo(0.266714, 6);
  });

  test('stands in the report, beside the values and in the pictures', () => {
    const html = reportHtml({ title: 'x', runs: [made()], madeAt: 0, metric: null, pick: 'best' });
    expect(html).toMatch(
      /<th scope="row">val\/recall@10<\/th><td>[\d.]+<\/td><td>best of 2 evaluations<\/td><td>[\d.]+<\/td><td>0\.03125<\/td>/,
    );
    expect(html).toContain('chance, @10</text>');
  });
});
