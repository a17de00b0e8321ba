import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ExportAsk, Exported } from '../../protocol/inference.ts';
import { HumanError } from '../../protocol/human-error.ts';
import { asHuman } from '../../store/files.ts';
import { t } from '../../text/say.ts';
import { errorCode } from '../../text/system-errors.ts';

/**
 * Exports into a folder beside the one that is wanted, and puts it in place when all of it is there: what was cancelled, killed or failed leaves
 * nothing. In a folder that is there already, what has the same name is replaced.
 */
export async function exportModel(
  ask: (ask: ExportAsk) => Promise<Exported>,
  { format, folder }: ExportAsk,
): Promise<Exported> {
  const partial = await beside(folder).catch((error: unknown) => notMade(error, folder));
  try {
    const written = await ask({ format, folder: partial });
    await moveInto(folder, partial).catch((error: unknown) => notMade(error, folder));
    return { ...written, folder };
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function beside(folder: string): Promise<string> {
  await mkdir(dirname(folder), { recursive: true });
  return mkdtemp(`${folder}.partial-`);
}

async function moveInto(folder: string, partial: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(partial)) {
    await rm(join(folder, name), { recursive: true, force: true });
    await rename(join(partial, name), join(folder, name));
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
