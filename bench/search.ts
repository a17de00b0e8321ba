import { rm } from 'node:fs/promises';
import { openModelService } from '../src/launcher/model/model-service.ts';
import type { ModelQuestion } from '../src/protocol/inference.ts';
import { openStage, panelOf } from '../test/panel/host/serve.ts';
import { configOf } from './search/config.ts';
import { makeMaterial } from './search/material.ts';
import { searchParts } from './search/parts.ts';

/*
 * Search over 100,000 indexed images by a bert-base-uncased, in the panel in headless Chromium.   npm run bench -- search [--json] [--images N]
 * The program that holds the model is the real one (dist/inference.js); vectors and weights are random.
 *   open_ms        from its start to the first answer: model and checkpoint read
 *   first_ms       the first words: index read from the disk, the text encoder compiled for their length
 *   answer_ms      words of a search to its answer in the host, median of 20
 *   drawn_ms       from Enter in the panel to the names and scores drawn, median of 20
 *   thumbnails_ms  from Enter to all 24 pictures drawn, median of 20
 *   look_ms        a look at the folder that finds nothing new
 *   least_ms       the quietest of those 20
 *   parts          of an answer, in this process, by processor time (cpu_ms, all threads) and by the clock: the quietest of 20, since what
 *                  else the machine does counts into the times above
 */

const isJson = process.argv.includes('--json');
const given = process.argv.indexOf('--images');
const images = given < 0 ? 100_000 : Number(process.argv[given + 1]);
const trials = 20;
const subjects = ['red apple', 'green pear', 'blue boat', 'white bird', 'old tree'];
const wordsOf = (trial: number): string => `a ${subjects[trial % subjects.length]!} number ${trial}`;

const material = await makeMaterial(images, configOf());
const { root, run, folder } = material;
const began = performance.now();
const service = openModelService({ nodePath: process.execPath, trainerFile: 'dist/trainer.js' }, run);
try {
  await service.ask('facts', {});
  const openMs = performance.now() - began;
  const search = (words: string) => timed(() => service.ask('words', { words, folder, top: 24 }));
  const firstMs = await search(wordsOf(0));
  const answers: number[] = [];
  for (let trial = 0; trial < trials; trial++) answers.push(await search(wordsOf(trial)));
  const lookMs = await timed(() => service.ask('index', { folder }));
  const panel = await inPanel();
  const result = {
    images,
    open_ms: Math.round(openMs),
    first_ms: Math.round(firstMs),
    answer_ms: Math.round(median(answers)),
    drawn_ms: Math.round(median(panel.drawn)),
    thumbnails_ms: Math.round(median(panel.thumbnails)),
    look_ms: Math.round(lookMs),
    least_ms: {
      answer: Math.round(Math.min(...answers)),
      drawn: Math.round(Math.min(...panel.drawn)),
      thumbnails: Math.round(Math.min(...panel.thumbnails)),
    },
    parts: await searchParts(material, wordsOf, trials),
  };
  if (!isJson) {
    const { least_ms, parts, ...medians } = result;
    for (const part of [medians, least_ms, parts]) console.table(part);
  }
  console.log(JSON.stringify(result));
} finally {
  service.close();
  await rm(root, { recursive: true });
}

/** Types words and presses Enter in the real panel; times are taken inside its document. */
async function inPanel(): Promise<{ drawn: number[]; thumbnails: number[] }> {
  const stage = await openStage('dist');
  try {
    const page = await stage.newPage({ width: 1000, height: 900 });
    await page.exposeFunction('askService', ({ call, ask }: ModelQuestion) => service.ask(call, ask));
    await page.evaluate(() => {
      const { host, fake } = window;
      host.tab = 'explore';
      const training = { seed: 1, steps: 100, done: 2, rates: { image: 1e-3, text: 2e-5 } };
      host.runs = [fake.runOf('live', fake.fakeEvents(training), { training })];
      host.askModel = (
        window as unknown as { askService: (question: unknown) => Promise<unknown> }
      ).askService;
      host.open('dark');
    });
    const frame = await panelOf(page);
    const box = frame.getByRole('searchbox', { name: 'Words to search by' });
    await box.waitFor();
    const times = { drawn: [] as number[], thumbnails: [] as number[] };
    for (let trial = -1; trial < trials; trial++) {
      await box.fill(wordsOf(trial + 7));
      await page.waitForTimeout(700); // what was typed is searched too
      const found = await frame.evaluate(timeSearch);
      if (trial < 0) continue;
      times.drawn.push(found.drawn);
      times.thumbnails.push(found.thumbnails);
    }
    return times;
  } finally {
    await stage.close();
  }
}

/** In the panel: Enter, until other names stand there and until all pictures do. */
async function timeSearch(): Promise<{ drawn: number; thumbnails: number }> {
  const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
  const input = document.querySelector<HTMLInputElement>('.explore-search input')!;
  input.value += ' today';
  input.dispatchEvent(new Event('input', { bubbles: true }));
  const names = (): string => document.querySelector('.hits')?.textContent ?? '';
  const before = names();
  const start = performance.now();
  document.querySelector<HTMLFormElement>('.explore-search')!.requestSubmit();
  while (names() === before) await frame();
  await frame();
  const drawn = performance.now() - start;
  while (document.querySelectorAll('.hits img').length < document.querySelectorAll('.hits li').length)
    await frame();
  return { drawn, thumbnails: performance.now() - start };
}

async function timed(task: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await task();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
