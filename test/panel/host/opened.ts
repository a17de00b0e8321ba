import { createHash } from 'node:crypto';
import type { Frame, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { buildAll } from '../../../build.mjs';
import { chromiumPath, openStage, panelOf } from './serve.ts';
import type { PanelTab } from '../../../src/protocol/panel.ts';
import type { Stage } from './serve.ts';
import type { Texts } from '../../../src/text/say.ts';

/** The YAML that panels are opened with. */
export const yaml = `name: emoji # the example
data:
  pairs: pairs.csv
optimizer:
  clip_nrom: 1.0
train: { batch_size: 64, epochs: 20 } # both matter
`;

export interface Opening {
  tab: PanelTab;
  text?: string | null;
  /** Steps that the live run has done; 0: there is no run. */
  done?: number;
  /** Seeds of a sweep beside it. */
  sweep?: number;
}

/** What a test does with the panel of its own page. */
export interface Opened {
  readonly page: Page;
  /** Opens the panel with an experiment and its runs; `host.runs` that were set before stay. */
  open(opening: Opening): Promise<Frame>;
  /** What the panel last asked for, of one kind. */
  asked(kind: string): Promise<unknown>;
  text(): Promise<string | null>;
  /** Takes a command from the menu of a card. */
  choose(card: Locator, command: string): Promise<void>;
  /** Of a card's picture, once it stands still. */
  pixels(panel: Frame, card?: string): Promise<string>;
  /** What stands on a card's picture: numbers of the axes, words of lines, signs of marks. */
  texts(panel: Frame, card?: string): Promise<string[]>;
}

/** Waits as long as a busy machine may take. */
export const poll = (read: () => unknown): ReturnType<typeof expect.poll> =>
  expect.poll(read, { timeout: 30_000 });

/**
 * The panel's real bundle under its real policy in Chromium, with a host beside it that speaks the protocol: a fresh page for each test
 * of the file. Nothing is timed: what is waited for is what a person would see.
 */
export function openedPanels(name: string, texts?: Texts): Opened {
  const outdir = `dist-test/${name}`;
  let stage: Stage;
  let page: Page;
  beforeAll(async () => {
    if (!chromiumPath) return;
    await buildAll({ outdir, only: ['panel'] });
    stage = await openStage(outdir, texts);
  }, 120_000);
  afterAll(() => stage?.close());
  beforeEach(async () => {
    if (!chromiumPath) return;
    page = await stage.newPage({ width: 1000, height: 800 });
    await page.context().addInitScript(noteTexts);
    return () => page.context().close();
  });
  const ofCard = async <T>(
    panel: Frame,
    card: string,
    read: (canvas: HTMLCanvasElement) => T,
  ): Promise<T> => {
    const canvas = panel.locator(`[data-card="${card}"] canvas`);
    await canvas.waitFor();
    return canvas.evaluate(read as (element: Element) => T);
  };
  return {
    get page() {
      return page;
    },
    async open({ tab, text = yaml, done = 0, sweep = 0 }) {
      await page.evaluate(
        (input) => {
          const { host, fake } = window;
          host.tab = input.tab;
          host.text = input.text;
          const training = { seed: 3, steps: 600, done: input.done, rates: { image: 1e-3, text: 2e-5 } };
          if (input.done) host.runs = [fake.runOf('live', fake.fakeEvents(training), { training })];
          host.shown = host.runs.map(({ id }) => id);
          if (input.sweep) {
            const sweep = fake.fakeSweep(input.sweep, 150);
            host.runs.push(...sweep);
            // As the explorer does when a sweep's comparison is opened.
            if (input.tab === 'compare') host.shown = sweep.map(({ id }) => id);
          }
          host.open('dark');
        },
        { tab, text, done, sweep },
      );
      const panel = await panelOf(page);
      await panel.locator('#tab-panel').waitFor();
      return panel;
    },
    asked: (kind) =>
      page.evaluate((wanted) => window.host.received.findLast((message) => message.kind === wanted), kind),
    async choose(card, command) {
      await card.getByRole('button', { name: /^More of/ }).click();
      await card.getByRole('menuitem', { name: command }).click();
    },
    text: () => page.evaluate(() => window.host.text),
    async pixels(panel, card = 'loss') {
      const read = () =>
        ofCard(panel, card, (element) => {
          const all = element.getContext('2d')!.getImageData(0, 0, element.width, element.height).data;
          return all.some((value) => value !== 0) ? element.toDataURL() : '';
        });
      for (let before = ''; ;) {
        const now = await read();
        if (now && now === before) return createHash('sha256').update(now).digest('hex');
        before = now;
        await page.waitForTimeout(120);
      }
    },
    texts: (panel, card = 'loss') =>
      ofCard(panel, card, (element) => (element as HTMLCanvasElement & { texts?: string[] }).texts ?? []),
  };
}

/** In the panel, before its script: each canvas remembers the words that its present picture is made with. */
function noteTexts(): void {
  interface Noted extends HTMLCanvasElement {
    texts?: string[];
  }
  const { clearRect, fillText } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.clearRect = function (...place) {
    (this.canvas as Noted).texts = [];
    clearRect.apply(this, place);
  };
  CanvasRenderingContext2D.prototype.fillText = function (...what) {
    ((this.canvas as Noted).texts ??= []).push(what[0]);
    fillText.apply(this, what);
  };
}
