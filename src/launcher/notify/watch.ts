import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NotifyConfig } from '../../experiment/config.ts';
import type { RunFinding } from '../../protocol/events.ts';
import { isActive } from '../../protocol/run-status.ts';
import { listRuns, readConfig, readRunFile, runFileWrittenAt, statusOf } from '../../store/run-folder.ts';
import { isNoRun } from '../run-gone.ts';
import { newsOfEnd, newsOfFinding, newsOfSweep, type Ended, type News, type Standing } from './news.ts';
import { sendNews, type Sending } from './send.ts';

/** How often a run is looked at. */
const pollMs = 2_000;
/** A process is seen to be gone a moment before whoever started it has written down why. */
const settleMs = 3_000;

/** Whom a run's settings name; null when there is nobody. */
export async function notifyOf(runDir: string): Promise<NotifyConfig | null> {
  // What is wrong with a config is the trainer's to say.
  const config = await readConfig(runDir).catch(() => null);
  const notify = config?.notify;
  return notify && (notify.webhook !== null || notify.command !== null) ? notify : null;
}

export interface Watching extends Partial<Sending> {
  /** What was told of the run before, as `causeOf` names it. */
  told?: readonly string[];
  pollMs?: number;
  settleMs?: number;
  /** Takes the line that tells of a message that could not be sent. */
  say: (line: string) => void;
}

/** Tells whom a run's settings name of its findings and its end, until it has ended or its folder is gone. */
export async function watchRun(runDir: string, options: Watching): Promise<void> {
  const notify = await notifyOf(runDir);
  if (!notify) return;
  const told = new Set(options.told);
  const sending = { env: process.env, cwd: projectOf(runDir), ...options };
  const tell = async (news: News | null): Promise<void> => {
    if (news) for (const line of await sendNews(news, notify, sending)) options.say(line);
  };
  for (;;) {
    const standing = await standingOf(runDir);
    if (!standing) return;
    for (const finding of standing.file.findings) {
      if (finding.severity !== 'error' || told.has(causeOf(finding))) continue;
      told.add(causeOf(finding));
      await tell(newsOfFinding(standing, finding));
    }
    if (!isActive(standing.status)) break;
    await sleep(options.pollMs ?? pollMs);
  }
  await sleep(options.settleMs ?? settleMs);
  const end = await standingOf(runDir);
  if (!end) return;
  await tell(newsOfEnd(end));
  const { sweep } = end.file;
  if (sweep) await tell(newsOfSweep(end, await trialsOf(sweep.id, dirname(resolve(runDir)))));
}

/** A finding among those of its run, also after it was found again by a resumed trainer. */
export const causeOf = ({ code, step }: Pick<RunFinding, 'code' | 'step'>): string => `${code}@${step}`;

export const projectOf = (runDir: string): string => dirname(dirname(dirname(resolve(runDir))));

export async function standingOf(runDir: string): Promise<Standing | null> {
  try {
    const file = await readRunFile(runDir);
    return { file, status: statusOf(file) };
  } catch (error) {
    if (isNoRun(error)) return null;
    throw error;
  }
}

async function trialsOf(sweep: string, runsDir: string): Promise<Ended[]> {
  const trials = (await listRuns(runsDir)).filter(({ file }) => file.sweep?.id === sweep);
  return Promise.all(
    trials.map(async ({ dir, file }) => ({
      file,
      status: statusOf(file),
      writtenAt: await runFileWrittenAt(dir),
    })),
  );
}
