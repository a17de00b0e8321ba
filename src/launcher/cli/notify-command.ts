import { locateRun } from '../locate.ts';
import { newsOf } from '../notify/news.ts';
import { sendNews } from '../notify/send.ts';
import { notifyOf, projectOf, standingOf, watchRun } from '../notify/watch.ts';
import { runGone } from '../run-gone.ts';
import { HumanError } from '../../protocol/human-error.ts';
import { notifierSign } from '../trainer-log.ts';
import type { Context } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { print } from './output.ts';
import { said, t } from '../../text/say.ts';

interface Options {
  /** Tells of its findings and its end as they come, until it has ended; what fails is said in the run's log. */
  follow?: boolean;
  told?: string;
}

/** `tandem notify RUN`: sends how a run stands to whom its settings name, which is how one tries that out. */
export async function notify(name: string, { follow, told }: Options, { cwd }: Context): Promise<number> {
  const dir = await locateRun(name, cwd);
  if (follow) {
    await watchRun(dir, {
      told: told?.split(',') ?? [],
      say: (line) => console.log(`${notifierSign}${line}`),
    });
    return exitCodes.done;
  }
  const settings = await notifyOf(dir);
  if (!settings)
    throw new HumanError(
      said('The settings of {0} name nobody to notify.', name),
      said('Set notify.webhook or notify.command in the experiment file, and start a run.'),
      'no_notify',
    );
  const standing = await standingOf(dir);
  if (!standing) throw runGone(dir);
  const news = newsOf(standing);
  const problems = await sendNews(news, settings, { env: process.env, cwd: projectOf(dir) });
  for (const problem of problems) console.error(problem);
  if (problems.length === 0) print(t('Sent: {0}', news.text));
  return problems.length === 0 ? exitCodes.done : exitCodes.failed;
}
