import { access } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { HumanError } from '../protocol/human-error.ts';
import { readConfig } from '../store/run-folder.ts';
import { existingPaths } from './existing-paths.ts';
import { said } from '../text/say.ts';

/** Throws HumanError `data_moved` when something that a run reads is not there any more, before its standing is changed. */
export async function checkPlaces(dir: string): Promise<void> {
  const config = await readConfig(dir).catch(() => null);
  // What is wrong with the config is the trainer's to say.
  if (!config?.data || !config.model) return;
  const isPattern = /[*?{[]/.test(config.data.pairs);
  const exists = {
    'data.pairs': isPattern || (await access(config.data.pairs).then(yes, no)),
    ...(await existingPaths(config)),
  };
  const [missing] = Object.entries(exists).flatMap(([key, isThere]) => (isThere ? [] : [key]));
  if (missing === undefined) return;
  const [section, ...rest] = missing.split('.');
  const path = rest.reduce<unknown>(
    (at, name) => (at as Record<string, unknown>)[name],
    config[section as 'data'],
  );
  throw new HumanError(
    said(
      '{0} is not there, which the run reads as {1}; its project is in {2} now.',
      String(path),
      missing,
      dirname(dirname(dirname(resolve(dir)))),
    ),
    said('Put it back there and resume again, or train the experiment anew; the run is as it was.'),
    'data_moved',
  );
}

const yes = (): boolean => true;
const no = (): boolean => false;
