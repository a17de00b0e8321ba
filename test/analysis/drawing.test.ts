import { describe, expect, test } from 'vitest';
import { cardsOf } from '../../src/analysis/cards.ts';
import { resultMetrics } from '../../src/analysis/metric-values.ts';
import { axisText, valueText } from '../../src/analysis/metric-words.ts';
import {
  categoryColour,
  categoryOfRun,
  contrastOf,
  neutralColour,
  orderedColour,
  parseColour,
} from '../../src/analysis/colours.ts';
import { durationTicks, linearTicks, logTicks } from '../../src/analysis/ticks.ts';
import { element, markupOf } from '../../src/analysis/figures/svg.ts';
import { reportHtml } from '../../src/analysis/report/report-html.ts';
import type { RunEvent } from '../../src/protocol/events.ts';
import { lastValue } from '../../src/protocol/summary.ts';
import { fakeEvents, fakeSweep, runOf } from '../panel/host/fake-runs.ts';

const labels = (ticks: { label: string }[]): string[] => ticks.map(({ label }) => label);

describe('ticks', () => {
  test('are round and as short as tells them apart', () => {
    expect(labels(linearTicks(0, 1, 5))).toEqual(['0', '0.2', '0.4', '0.6', '0.8', '1']);
    expect(labels(linearTicks(0, 12_000, 4))).toEqual(['0', '5k', '10k']);
    expect(labels(linearTicks(2.301, 2.304, 3))).toEqual(['2.301', '2.302', '2.303', '2.304']);
  });

  test('on a log axis are powers of ten, with 2 and 5 where there is room', () => {
    expect(labels(logTicks(1e-5, 1e-2, 5))).toEqual(['1e-5', '1e-4', '1e-3', '0.01']);
    expect(labels(logTicks(0.5, 20, 8))).toEqual(['0.5', '1', '2', '5', '10', '20']);
    expect(logTicks(0, 1, 5)).toEqual([]);
  });

  test('of time are minutes and hours', () => {
    expect(labels(durationTicks(0, 2 * 3600_000, 4))).toEqual(['0 s', '30 min', '1 h', '1 h 30 m', '2 h']);
  });
});

/** What is seen of linear RGB: by all cones, and without the red or the green ones (Machado, Oliveira and Fernandes 2009, severity 1). */
const eyes = [
  { name: 'all cones', sees: [1, 0, 0, 0, 1, 0, 0, 0, 1] },
  {
    name: 'protanopia',
    sees: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  },
  {
    name: 'deuteranopia',
    sees: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  },
];

/** Of two colours in Oklab (Ottosson 2020), times 100: about 2 can just be told apart side by side. */
function distance(a: string, b: string, sees: number[]): number {
  const [x, y] = [a, b].map((colour) => {
    const linear = parseColour(colour)!.map((channel) => {
      const part = channel / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    const [red, green, blue] = [0, 3, 6].map((row) =>
      Math.min(
        1,
        Math.max(
          0,
          linear.reduce((sum, part, i) => sum + part * sees[row + i]!, 0),
        ),
      ),
    ) as [number, number, number];
    const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
    const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
    const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
    return [
      0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
      1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
      0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
    ];
  }) as [number[], number[]];
  return 100 * Math.hypot(...x.map((value, i) => value - y[i]!));
}

describe('colours', () => {
  test("are measured by WCAG's contrast", () => {
    // By the formula of WCAG 2.2 in Python: #0072b2 and #777777 on white.
    expect(contrastOf('#0072b2', '#ffffff')).toBeCloseTo(5.185446, 5);
    expect(contrastOf('#777777', '#ffffff')).toBeCloseTo(4.47809, 5);
    expect(parseColour('rgba(1, 2, 3, 0.5)')).toEqual([1, 2, 3]);
  });

  test.each(['#ffffff', '#1f1f1f', '#000000'])('stand out from %s, all different', (background) => {
    const colours = Array.from({ length: 14 }, (_, i) => categoryColour(i, background));
    expect(new Set(colours).size).toBe(14);
    for (const colour of colours) expect(contrastOf(colour, background)).toBeGreaterThanOrEqual(3);
  });

  test('are told apart, also without red or green cones, and from the neutral one', () => {
    for (const background of ['#ffffff', '#1f1f1f', '#000000']) {
      const colours = Array.from({ length: 7 }, (_, i) => categoryColour(i, background));
      for (const [i, a] of colours.entries())
        for (const b of colours.slice(i + 1))
          for (const eye of eyes)
            expect(distance(a, b, eye.sees), `${a} and ${b}, ${eye.name}, on ${background}`).toBeGreaterThan(
              4.5,
            );
      const neutral = neutralColour(background);
      for (const colour of colours.slice(0, 4))
        expect(distance(colour, neutral, eyes[0]!.sees)).toBeGreaterThan(10);
      expect(contrastOf(neutral, background)).toBeGreaterThanOrEqual(4);
    }
    for (const background of ['#1f1f1f', '#000000'])
      expect(contrastOf(categoryColour(0, background), background)).toBeGreaterThan(4);
  });

  test('of ordered settings go further from the background with each step', () => {
    for (const background of ['#ffffff', '#1f1f1f']) {
      const contrasts = [0, 1, 2, 3, 4].map((i) => contrastOf(orderedColour(i, 5, background), background));
      expect([...contrasts].sort((a, b) => a - b)).toEqual(contrasts);
    }
  });
});

test('metrics stand in cards: ours in their order, splits of a foreign one together', () => {
  const run = runOf('a', fakeEvents({ seed: 1, steps: 90, rates: { image: 1e-3, text: 2e-5 } }));
  expect(
    cardsOf([run])
      .map(({ title }) => title)
      .slice(0, 5),
  ).toEqual(['Loss', 'Gradient norm', 'Recall', 'Learning rate', 'Temperature']);
  const series = run.state!.series.get('train/loss')!;
  run.state!.series = new Map(['acc/train', 'acc/test', 'other'].map((name) => [name, series]));
  const cards = cardsOf([run]);
  expect(cards.map(({ title, metrics }) => [title, metrics.map(({ label }) => label)])).toEqual([
    ['acc', ['test', 'train']],
    ['other', ['other']],
  ]);
});

test('what the machine does stands under a heading of its own, in bytes and percent, and decides nothing', () => {
  const run = runOf('a', [
    ...fakeEvents({ seed: 1, steps: 90, rates: { image: 1e-3, text: 2e-5 } }).slice(0, -1),
    ...[1, 2, 3].map((i): RunEvent => ({
      kind: 'system',
      time: i * 5000,
      step: 30 * i,
      metrics: {
        'system/cpu': 87.25,
        'system/rss': 4.4e9 + 1e8 * i,
        'system/gpu_memory': 6.5e8,
        'system/gpu_utilisation': 100,
      },
    })),
  ]);
  const own = cardsOf([run]).filter(({ group }) => group === 'System');
  expect(own.map(({ title, unit }) => `${title}, ${unit}`)).toEqual([
    'Processor, of all cores',
    'Memory, of the trainer',
    'GPU memory, of all programs',
    'GPU utilisation, of the time',
  ]);
  expect(
    own.flatMap(({ metrics }) => metrics.map(({ name }) => valueText(name, lastValue(name, run.state)))),
  ).toEqual(['87.3%', '4.7 GB', '650 MB', '100%']);
  expect(linearTicks(4.45e9, 4.74e9, 4, axisText(['system/rss'])).map(({ label }) => label)).toEqual([
    '4.5 GB',
    '4.6 GB',
    '4.7 GB',
  ]);
  expect(linearTicks(0, 100, 4, axisText(['system/cpu', 'system/gpu_utilisation'])).at(-1)!.label).toBe(
    '100%',
  );
  expect(axisText(['system/rss', 'train/loss'])(4.5e9)).toBe('4.5e9');
  // Neither run.json, nor the table's columns, nor a comparison takes them for results.
  expect(Object.keys(run.file!.summary).filter((name) => name.startsWith('system/'))).toEqual([]);
  expect(resultMetrics([run]).filter((name) => name.startsWith('system/'))).toEqual([]);
});

describe('the report', () => {
  test('writes markup as text', () => {
    expect(markupOf(element('text', { title: '"<' }, '<b>&'))).toBe(
      '<text title="&quot;&lt;">&lt;b&gt;&amp;</text>',
    );
    const run = runOf('a', fakeEvents({ seed: 1, steps: 90, rates: { image: 1e-3, text: 2e-5 } }));
    run.file!.note = '<script>alert(1)</script>';
    run.file!.title = '<img src=x onerror=alert(1)>';
    run.state!.findings.push({
      step: 50,
      severity: 'warning',
      code: 'overfitting',
      key: null,
      message: 'The loss is <b>high</b>.',
      advice: 'Stop.',
      evidence: { loss: 3 },
    });
    const html = reportHtml({ title: '<i>x', runs: [run], madeAt: 0, metric: null, pick: 'best' });
    expect(html).not.toMatch(/<script|<img|<i>x/);
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(html).toContain('<dt>warning</dt><dd>The loss is &lt;b&gt;high&lt;/b&gt;. Stop.</dd>');
  });

  test('needs nothing from the network, and has the verdict, the table and the plots', () => {
    const html = reportHtml({
      title: 'emoji',
      runs: fakeSweep(2, 150),
      madeAt: 0,
      metric: null,
      pick: 'best',
    });
    expect(html).not.toMatch(/(src|href)=|@import|url\(/);
    expect(html).toContain(`default-src 'none'`);
    for (const part of [
      'is best: recall@10',
      'image rate × text rate',
      'chance ln 64',
      '✖',
      'max norm image',
    ])
      expect(html.includes(part), part).toBe(true);
  });

  test('draws a run in the colour that it has in the explorer and the panel', () => {
    const runs = fakeSweep(1, 50).slice(0, 3);
    for (const [i, { file }] of runs.entries()) file!.sweep = { ...file!.sweep!, index: 19 + i };
    runs[2]!.file!.colour = '#ff00ff';
    const html = reportHtml({ title: 'emoji', runs, madeAt: 0, metric: null, pick: 'best' });
    for (const colour of ['var(--category-19)', 'var(--category-20)', '#ff00ff'])
      expect(html.split(`stroke="${colour}"`).length, colour).toBeGreaterThan(5);
    const used = new Set(Array.from(html.matchAll(/var\((--[\w-]+)/g), ([, name]) => name!));
    expect([...used].filter((name) => !html.includes(`${name}:`))).toEqual([]);
  });
});

test('a run has its colour by its place in a sweep, else by its folder, wherever that lies', () => {
  expect([0, 1, 27, 28].map((index) => categoryOfRun('any', { index }))).toEqual([0, 1, 27, 0]);
  // 'a' is 97 and 'b' is 98: (97 * 31 + 98) % 28 = 25.
  expect(['/runs/ab', 'C:\\runs\\ab', 'ab'].map((id) => categoryOfRun(id, null))).toEqual([25, 25, 25]);
});
