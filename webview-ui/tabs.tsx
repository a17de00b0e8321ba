import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import type { PanelTab } from '../src/protocol/panel.ts';
import { CompareTab } from './compare/compare-tab.tsx';
import { ExploreTab } from './explore/explore-tab.tsx';
import { ExperimentTab } from './form/experiment-tab.tsx';
import { chooseTab, tab } from './model/panel-model.ts';
import { TabContext, useTabView } from './model/tab-view.ts';
import { PlotsTab } from './plots/plots-tab.tsx';
import { prepared } from './prepared.ts';
import { RunsTab } from './runs/runs-tab.tsx';
import { t } from '../src/text/say.ts';

const tabs = (): { name: PanelTab; label: string; Content: () => VNode }[] => [
  { name: 'experiment', label: t('Experiment'), Content: ExperimentTab },
  { name: 'runs', label: t('Runs'), Content: RunsTab },
  { name: 'plots', label: t('Plots'), Content: PlotsTab },
  { name: 'compare', label: t('Compare'), Content: CompareTab },
  { name: 'explore', label: t('Explore'), Content: ExploreTab },
];

export function TabList(): VNode {
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (!by) return;
    const names = tabs().map(({ name }) => name);
    const next = names[(names.indexOf(tab.value) + by + names.length) % names.length]!;
    chooseTab(next);
    document.getElementById(`tab-${next}`)?.focus();
    event.preventDefault();
  };
  return (
    <div class="tabs" role="tablist" aria-label={t('Parts of the panel')} onKeyDown={onKeyDown}>
      {tabs().map(({ name, label }) => (
        <button
          key={name}
          type="button"
          role="tab"
          id={`tab-${name}`}
          aria-selected={tab.value === name}
          aria-controls="tab-panel"
          tabIndex={tab.value === name ? 0 : -1}
          onClick={() => chooseTab(name)}
        >
          {label}
        </button>
      ))}
    </div>
  );
}

/** The tab in sight, and those that are there to be shown. */
export const Tabs = (): VNode => (
  <>
    {tabs()
      .filter(({ name }) => name === tab.value || prepared.value.includes(name))
      .map(({ name, Content }) => (
        <Tab key={name} name={name} Content={Content} />
      ))}
  </>
);

function Tab({ name, Content }: { name: PanelTab; Content: () => VNode }): VNode {
  const view = useTabView(name);
  // The same one again: to show it is no reason to make it anew.
  const content = useMemo(() => <Content />, []);
  const isSeen = view.isSeen.value;
  return (
    <div
      class={isSeen ? 'tab' : 'tab unseen'}
      role="tabpanel"
      id={isSeen ? 'tab-panel' : undefined}
      aria-labelledby={`tab-${name}`}
    >
      <TabContext.Provider value={view}>{content}</TabContext.Provider>
    </div>
  );
}
