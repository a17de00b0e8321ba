import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ExportAsk, Exported } from '../../protocol/inference.ts';
import { HumanError } from '../../protocol/human-error.ts';
import { asHuman } from '../../store/files.ts';
import { isAlive, ownProcess, type ProcessIdentity } from '../../store/process-identity.ts';
import { t } from '../../text/say.ts';
import { errorCode } from '../../text/system-errors.ts';

/**
 * Exports into a folder beside the one that is wanted, and puts it in place when all of it is there: what was cancelled or failed leaves nothing,
 * and what a kill left goes with the next export to the same place. In a folder that is there already, what has the same name is replaced.
 */
export async function exportModel(
  ask: (ask: ExportAsk) => Promise<Exported>,
  { format, folder }: ExportAsk,
): Promise<Exported> {
  const partial = await beside(folder).catch((error: unknown) => notMade(error, folder));
  try {
    const written = await ask({ format, folder: join(partial, filesName) });
    await moveInto(folder, join(partial, filesName)).catch((error: unknown) => notMade(error, folder));
    return { ...written, folder };
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** In the folder beside: what was exported so far, and who exports. */
const filesName = 'files';
const ownerName = 'owner.json';

async function beside(folder: string): Promise<string> {
  await mkdir(dirname(folder), { recursive: true });
  await removeLeft(folder);
  const partial = await mkdtemp(`${folder}.partial-`);
  await writeFile(join(partial, ownerName), JSON.stringify(ownProcess()));
  await mkdir(join(partial, filesName));
  return partial;
}

/** Removes what exports to the same place left that were killed. */
async function removeLeft(folder: string): Promise<void> {
  for (const name of await readdir(dirname(folder))) {
    if (!name.startsWith(`${basename(folder)}.partial-`)) continue;
    const partial = join(dirname(folder), name);
    const owner = await readFile(join(partial, ownerName), 'utf8')
      .then((text) => JSON.parse(text) as ProcessIdentity)
      .catch(() => null); // it is being made, or another's
    if (owner && isAlive(owner) === false) await rm(partial, { recursive: true, force: true });
  }
}

async function moveInto(folder: string, files: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(files)) {
    await rm(join(folder, name), { recursive: true, force: true });
    await rename(join(files, name), join(folder, name));
  }
}

function notMade(error: unknown, folder: string): never {
  if (errorCode(error) !== 'EEXIST') throw asHuman(error, folder);
  throw new HumanError(
    t('The folder {0} cannot be made: a file has its name, or that of a folder around it.', folder),
    t('Name another folder.'),
    'not_a_folder',
  );
}
