import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import pLimit from 'p-limit';
import { thumbnailOf } from '../data/images/thumbnail.ts';
import { endedAtChance } from '../protocol/chance.ts';
import type { OtherEvaluation } from '../protocol/evaluation.ts';
import { appendEvaluation, readEvaluations } from '../store/evaluations.ts';
import { readRunFile, statusOf } from '../store/run-folder.ts';
import type { IndexFacts, ModelAnswer, ModelAsk, ModelCall } from '../protocol/inference.ts';
import { openCaptionIndex } from './caption-index.ts';
import { exportFinished } from './export/export.ts';
import type { FinishedModel } from './finished-model.ts';
import { heldOutSearches } from './held-out.ts';
import { openFolders, type Folders } from './folders.ts';
import type { IndexChange, IndexOptions } from './image-index.ts';
import { captionsByImage, imagesByImage, imagesByWords, imageVectors, prepareForWords } from './search.ts';
import { measure } from './measure.ts';
import { zeroShot } from './zero-shot.ts';
import { embeddingMaps } from './map/embedding-map.ts';
import { wordAttention } from './word-attention.ts';
import { wrongPairs } from './wrong-pairs.ts';
import { t } from '../text/say.ts';
import { plural } from '../text/words.ts';

/** What answers the calls of `ModelCalls`. */
export type ModelHandlers = {
  [Name in ModelCall]: (ask: ModelAsk<Name>, options: IndexOptions) => Promise<ModelAnswer<Name>>;
};

const mostNamed = 20;

/** The answers of one model, which keeps the indexes that it has opened. */
export function handlersOf(model: FinishedModel): ModelHandlers {
  const folders = openFolders(model);
  const reading = pLimit(4);
  let prepared: Promise<void> | undefined;
  return {
    facts: async () => ({
      step: model.step,
      isBest: model.isBest,
      isAtChance: await hasEndedAtChance(model.dir),
      fusion: model.config.model.fusion.kind,
      engine: t(
        '{0} ({1})',
        model.engine.name,
        [model.engine.provider, plural(model.engine.threads, '{0} thread', '{0} threads')]
          .filter(Boolean)
          .join(t(', ')),
      ),
      folder: imageFolderOf(model),
      evaluations: await readEvaluations(model.dir),
    }),
    index: async ({ folder }, options) => {
      prepared ??= prepareForWords(model).catch(() => undefined); // a search says why
      return factsOf(await folders.update(folder, options));
    },
    words: async ({ words, folder, top }, options) =>
      imagesByWords(model, await folders.get(folder, options), words, top),
    image: async ({ image, folder, top }, options) =>
      answerByImage(model, folders, image, folder, top, options),
    thumbnails: ({ images }) =>
      Promise.all(images.map((path) => reading(() => thumbnailOf(() => readFile(path))))),
    attention: (ask) => wordAttention(model, ask),
    map: embeddingMaps(model),
    wrongPairs: ({ top }) => wrongPairs(model, top),
    heldOut: ({ count, top }) => heldOutSearches(model, count, top),
    measure: async (ask, options) => keptIn(model, await measure(model, ask, options)),
    export: (ask, options) => exportFinished(model, ask, options),
    zeroShot: async (ask, options) => keptIn(model, await zeroShot(model, ask, options)),
  };
}

async function keptIn({ dir }: FinishedModel, found: OtherEvaluation): Promise<OtherEvaluation> {
  await appendEvaluation(dir, found);
  return found;
}

async function answerByImage(
  model: FinishedModel,
  folders: Folders,
  image: string,
  folder: string | null,
  top: number,
  options: IndexOptions,
): Promise<ModelAnswer<'image'>> {
  const vectors = await imageVectors(model, resolve(image));
  const captions = await captionsByImage(model, await openCaptionIndex(model, options), vectors, top);
  const images =
    folder === null ? null : await imagesByImage(model, await folders.get(folder, options), vectors, top);
  return { images, captions };
}

async function hasEndedAtChance(dir: string): Promise<boolean> {
  const file = await readRunFile(dir);
  return endedAtChance(statusOf(file), file.summary);
}

function factsOf({ index, added, removed }: IndexChange): IndexFacts {
  const { folder, files, unreadable } = index;
  return {
    folder,
    images: files.length,
    added,
    removed,
    unreadable: unreadable.slice(0, mostNamed).map(({ name, reason }) => ({ name, reason })),
    unreadableCount: unreadable.length,
  };
}

/** Shards and tables hold their images themselves. */
function imageFolderOf({ config: { data } }: FinishedModel): string | null {
  if (data.image_root !== null) return data.image_root;
  if (/\.(tar|parquet)$/i.test(data.pairs)) return null;
  return /\.\w+$/.test(data.pairs) ? dirname(data.pairs) : data.pairs;
}
