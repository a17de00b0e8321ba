import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import { Button } from '../controls/controls.tsx';
import { ask } from '../model/host.ts';
import { experiment, runs, shown, shownRuns } from '../model/panel-model.ts';
import { useTab } from '../model/tab-view.ts';
import { differingKeys, groupedBySetting } from '../../src/analysis/compared-settings.ts';
import { colouring } from '../model/colouring.ts';
import { theme } from '../model/theme.ts';
import { CardGroups } from './card-groups.tsx';
import { byMetric, cardsOf } from '../../src/analysis/cards.ts';
import type { CardSpec } from '../../src/analysis/cards.ts';
import { addedCards } from '../../src/analysis/added-plots.ts';
import type { RunView } from '../../src/protocol/panel.ts';
import { ColourKey } from './colour-choice.tsx';
import { extentOfRuns } from './extent.ts';
import { RunProblems, WaitingForCurves } from './run-problems.tsx';
import { RunFacts } from './run-facts.tsx';
import { RunLog } from './run-log.tsx';
import { RunNotes } from './run-notes.tsx';
import { plotSettings } from './plot-settings.ts';
import { bySetting } from './seed-groups.ts';
import { Toolbar } from './toolbar.tsx';
import { t } from '../../src/text/say.ts';

/** All curves of the shown runs, one card a metric; they share their x range and crosshair. */
export function PlotsTab(): VNode {
  const version = useTab().changes.value;
  const chosen = useMemo(() => shownRuns.peek(), [version, shown.value]);
  const { axis } = plotSettings.value;
  const drawable = useMemo(() => chosen.filter((run) => run.state && !hasNothing(run)), [chosen, version]);
  const { colourBy, seedBands } = plotSettings.value;
  const ids = drawable.map(({ id }) => id).join();
  const keys = useMemo(() => differingKeys(drawable), [ids]);
  const hasSeeds = useMemo(
    () => groupedBySetting(drawable, keys).some(({ runs: members }) => members.length > 1),
    [ids, keys],
  );
  const colours = useMemo(
    () => colouring(drawable, colourBy, keys, theme.value.background),
    [ids, keys, colourBy, theme.value.background],
  );
  const lines = useMemo(
    () => (seedBands && hasSeeds ? bySetting(drawable, keys) : drawable),
    [drawable, seedBands, hasSeeds, keys],
  );
  const names = drawable.map((run) => `${run.id} ${[...run.state!.series.keys()].join(' ')}`).join('\n');
  const { added } = plotSettings.value;
  // Those whose curves are on their way count too: plots would change places when the second run comes.
  const areSeveral = chosen.filter((run) => (run.state ? !hasNothing(run) : !run.problem)).length > 1;
  const metrics = useMemo(() => metricsOf(drawable), [names]);
  const cards = useMemo(
    () => [...(areSeveral ? byMetric : same)(cardsOf(drawable)), ...addedCards(added, new Set(metrics))],
    [names, added, areSeveral],
  );
  const only = chosen.length === 1 && !chosen[0]!.foreign ? chosen[0]! : null;
  const extent = extentOfRuns(drawable, axis);
  if (!runs.peek().length)
    return (
      <div class="empty">
        <p>{t('There are no runs of this experiment yet.')}</p>
        {experiment.value && (
          <Button
            onClick={() => void ask({ kind: 'command', command: 'start', run: null }, t('start training'))}
          >
            {t('Start Training')}
          </Button>
        )}
      </div>
    );
  return (
    <div class="plots">
      <Toolbar
        axis={axis}
        canEpoch={drawable.some((run) => run.state?.started?.steps_per_epoch)}
        canSearch={cards.length > manyCards}
        chosen={chosen}
        metrics={metrics}
        keys={keys}
        hasSeeds={hasSeeds}
      />
      <RunProblems runs={chosen} />
      <RunNotes runs={drawable} />
      <WaitingForCurves runs={chosen} />
      {only && (
        <>
          <RunFacts run={only} />
          <RunLog run={only} />
        </>
      )}
      {colours && <ColourKey colours={colours} />}
      {chosen.length === 0 && <p class="empty">{t('Choose runs above to draw their curves.')}</p>}
      {extent ? (
        <CardGroups cards={cards} runs={lines} extent={extent} colours={colours} />
      ) : (
        drawable.length > 0 && (
          <p class="empty">{t('These curves do not know this x axis. Choose another one.')}</p>
        )
      )}
    </div>
  );
}

/** From here on plots are found by searching. */
const manyCards = 12;

const same = (cards: CardSpec[]): CardSpec[] => cards;

const metricsOf = (runs: RunView[]): string[] =>
  [...new Set(runs.flatMap((run) => [...(run.state?.series.keys() ?? [])]))].sort();

const hasNothing = (run: RunView): boolean => !run.state?.series.size;
