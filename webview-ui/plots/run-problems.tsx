import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { RunView } from '../../src/protocol/panel.ts';
import { Icon } from '../controls/icon.tsx';
import { isActive } from '../../src/protocol/run-status.ts';
import { runName } from '../model/run-colours.ts';
import { plural } from '../../src/text/words.ts';
import { t } from '../../src/text/say.ts';

/** Runs that cannot be read, one card each: what is wrong, and what still could be read. The others go on. */
export const RunProblems = ({ runs }: { runs: RunView[] }): VNode => (
  <>
    {runs
      .filter((run) => run.problem)
      .map((run) => (
        <section key={run.id} class="card broken" aria-label={t('{0} cannot be read', runName(run))}>
          <h2>
            <Icon name="error" /> {t('{0} cannot be read', runName(run))}
          </h2>
          <p>{run.problem}</p>
          {run.state?.series.size ? <p class="muted">{t('What could be read is drawn below.')}</p> : null}
        </section>
      ))}
  </>
);

/** Curves that were asked for and are not here: nothing at first, then which, and after ten seconds what is waited for. */
export function WaitingForCurves({ runs }: { runs: RunView[] }): VNode | null {
  const missing = runs.filter((run) => !run.state && !run.problem);
  const empty = runs.filter((run) => run.state && !run.state.series.size && !run.problem);
  const queued = empty.filter(({ status }) => isActive(status));
  const ended = empty.filter(({ status }) => !isActive(status));
  const [seconds, setSeconds] = useState(0);
  const key = missing.map(({ id }) => id).join();
  useEffect(() => {
    setSeconds(0);
    if (!key) return;
    const timers = [setTimeout(() => setSeconds(0.3), 300), setTimeout(() => setSeconds(10), 10_000)];
    return () => timers.forEach(clearTimeout);
  }, [key]);
  const named = (list: RunView[]): string =>
    list.length > 3 ? plural(list.length, '{0} run', '{0} runs') : list.map(runName).join(t(', '));
  return (
    <>
      {missing.length > 0 && seconds > 0 && (
        <p class="notice" role="status">
          {seconds < 10
            ? t('Reading the curves of {0}…', named(missing))
            : t('Still waiting for the extension to read the events file of {0}.', named(missing))}
        </p>
      )}
      {ended.length > 0 && (
        <p class="notice" role="status">
          {t('{0}: no steps, it ended before the first.', named(ended))}
        </p>
      )}
      {queued.length > 0 && (
        <p class="notice" role="status">
          {t('{0}: no steps yet. The first point comes after the first step.', named(queued))}
        </p>
      )}
    </>
  );
}
