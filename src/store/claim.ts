import { HumanError } from '../protocol/human-error.ts';
import { isMissing } from '../text/system-errors.ts';
import { holderOf, takeClaim, type HeldClaim, type IsHeld } from './claim-files.ts';
import { asHuman } from './files.ts';
import { folderMark, isCopyOf } from './folder-mark.ts';
import { layout } from './layout.ts';
import { isAlive, ownProcess, type ProcessIdentity } from './process-identity.ts';
import { noRun } from './run-file.ts';
import { silentMs } from './silence.ts';
import { heartbeatLimitMs } from './status.ts';
import { said } from '../text/say.ts';

/** The right to write a run folder: number 1 for the first writer of this run, 2 for the one that resumed it, ... */
export interface Claim extends HeldClaim {
  /** Goes into run.json, so that readers can tell whether the writer lives, and whether it writes this folder. */
  process: ProcessIdentity & { folder: string };
}

const renewMs = 10_000;

/** Makes this process the run's only writer; a dead writer's claim is taken over. HumanError `run_busy` while another lives. */
export async function claimRun(dir: string): Promise<Claim> {
  const process = { ...ownProcess(), folder: markOf(dir) };
  const taken = await takeClaim(layout.claims(dir), process, { isHeld: isWriting(dir), renewMs });
  if ('claim' in taken) return { ...taken.claim, process };
  throw new HumanError(
    said(
      'Another trainer (process {0} on {1}) is writing this run.',
      taken.holder.pid || said('unknown'),
      taken.holder.host,
    ),
    said('Stop it first, or wait for its end.'),
    'run_busy',
  );
}

/** Who writes the run now; null when nobody does. */
export async function writerOf(dir: string): Promise<ProcessIdentity | null> {
  return holderOf(layout.claims(dir), isWriting(dir));
}

function markOf(dir: string): string {
  try {
    return folderMark(dir);
  } catch (error) {
    throw isMissing(error) ? noRun(dir) : asHuman(error, dir);
  }
}

/** A process that cannot be asked lives as long as it renews its claim or writes run.json. */
const isWriting =
  (dir: string): IsHeld =>
  async (holder, file) => {
    if (holder.folder !== undefined && isCopyOf(holder.folder, dir)) return false;
    return isAlive(holder) ?? (await silentMs(dir, [file, layout.run(dir)])) <= heartbeatLimitMs;
  };
