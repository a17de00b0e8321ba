import { relative, resolve } from 'node:path';
import { atChanceText } from '../../analysis/metric-words.ts';
import { HumanError } from '../../protocol/human-error.ts';
import type { CaptionsFound, ImagesFound, IndexFacts, ModelFacts } from '../../protocol/inference.ts';
import { counted, shortNumber } from '../../text/numbers.ts';
import { plural, unreadText } from '../../text/words.ts';
import type { Context } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { askModel } from './model-command.ts';
import { note, print, printJson } from './output.ts';
import { tableLines } from './table.ts';
import { said, t } from '../../text/say.ts';

interface SearchOptions {
  image?: string;
  in?: string;
  top: number;
  json?: boolean;
}

/** What `tandem search --json` prints. */
interface SearchDocument {
  model: ModelFacts;
  index: IndexFacts | null;
  images: ImagesFound | null;
  captions: CaptionsFound | null;
}

/** `tandem search RUN WORDS` and `tandem search RUN --image FILE`: what is nearest, in a folder of images and among the captions of the data. */
export async function search(
  run: string,
  words: string | undefined,
  options: SearchOptions,
  context: Context,
): Promise<number> {
  const { image, top } = options;
  if ((words === undefined) === (image === undefined))
    throw new HumanError(
      said('A search is by words or by an image.'),
      said('Write tandem search RUN "a red apple", or tandem search RUN --image FILE.'),
      'usage',
    );
  const found = await askModel(run, context, async (ask): Promise<SearchDocument> => {
    const model = await ask('facts', {}, '');
    const folder = options.in === undefined ? model.folder : resolve(context.cwd, options.in);
    if (folder === null && words !== undefined)
      throw new HumanError(
        said('The images of the run’s data lie in shards or a table, which are not searched.'),
        said('Name a folder of images with --in.'),
        'no_folder',
      );
    const index = folder === null ? null : await ask('index', { folder }, t('Images indexed'));
    if (words !== undefined)
      return {
        model,
        index,
        images: await ask('words', { words, folder: folder!, top }, ''),
        captions: null,
      };
    const file = resolve(context.cwd, image!);
    return { model, index, ...(await ask('image', { image: file, folder, top }, t('Captions indexed'))) };
  });
  if (options.json) printJson(found);
  else for (const line of lines(found, context.cwd)) print(line);
  return exitCodes.done;
}

function* lines({ model, index, images, captions }: SearchDocument, cwd: string): Generator<string> {
  const which = model.isBest ? t('best checkpoint') : t('newest checkpoint (none was the best)');
  note(t('{0}, step {1}, {2}', which, counted(model.step), model.engine));
  if (model.isAtChance) note(atChanceText());
  if (index && index.unreadableCount > 0)
    note(
      t(
        '{0}, e.g. {1}: {2}.',
        plural(index.unreadableCount, '{0} image cannot be read', '{0} images cannot be read'),
        index.unreadable[0]!.name,
        index.unreadable[0]!.reason,
      ),
    );
  if (captions) {
    yield* tableLines(
      [t('score'), t('caption')],
      captions.hits.map(({ score, caption }) => [score.toFixed(3), caption]),
    );
    const among = counted(captions.captions);
    yield captions.of > captions.captions
      ? t('Nearest of {0} captions of {1}, spread evenly.', among, counted(captions.of))
      : t('Nearest of {0} captions.', among);
  }
  if (!images) return;
  if (images.unread > 0) note(unreadText(images.unread));
  if (captions) yield '';
  if (images.images === 0) {
    yield t('{0} has no images.', relative(cwd, images.folder) || images.folder);
    return;
  }
  yield* tableLines(
    [t('score'), t('image')],
    images.hits.map(({ score, name }) => [score.toFixed(3), name]),
  );
  yield t(
    images.rescored > 0
      ? 'Nearest of {0} in {1} by the fusion’s own scores; pooled similarity of all together {2} ± {3}.'
      : 'Nearest of {0} in {1}; all together {2} ± {3}.',
    plural(images.images, '{0} image', '{0} images'),
    relative(cwd, images.folder) || '.',
    shortNumber(images.mean),
    shortNumber(images.deviation),
  );
  if (images.rescored > 0 && images.rescored < images.images)
    yield t(
      'The fusion itself scored the {0} nearest by pooled similarity; the others were left out.',
      counted(images.rescored),
    );
}
