import { computed, effect, signal } from '@preact/signals';
import type { ReadonlySignal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext, useEffect, useMemo } from 'preact/hooks';
import type { PanelTab } from '../../src/protocol/panel.ts';
import { changes, tab } from './panel-model.ts';

/** What the parts of a tab go by: it may be made while another one is in sight, see `prepared.ts`. */
export interface TabView {
  isSeen: ReadonlySignal<boolean>;
  /** Follows the model's `changes` while the tab is in sight: what nobody sees is not made anew with each point of a training. */
  changes: ReadonlySignal<number>;
}

export const TabContext = createContext<TabView>({ isSeen: signal(true), changes });

export const useTab = (): TabView => useContext(TabContext);

/** The view of a tab that is made now. Once in sight it is shown as it was made, and then brought up to date: after the first frame. */
export function useTabView(name: PanelTab): TabView {
  const [view, followed] = useMemo(() => {
    const followed = signal(changes.peek());
    return [{ isSeen: computed(() => tab.value === name), changes: followed }, followed] as const;
  }, [name]);
  const isSeen = view.isSeen.value;
  useEffect(() => {
    if (!isSeen) return;
    return effect(() => {
      followed.value = changes.value;
    });
  }, [isSeen]);
  return view;
}
