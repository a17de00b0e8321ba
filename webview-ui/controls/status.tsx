import type { VNode } from 'preact';
import { atChanceText, statusText } from '../../src/analysis/metric-words.ts';
import type { RunStatus } from '../../src/protocol/events.ts';
import { Icon } from './icon.tsx';

interface StatusProps {
  status: RunStatus;
  isAtChance: boolean;
}

/** How a run stands: icon and word, so that colour is never the only sign. One that has learnt nothing gets no tick. */
export const Status = ({ status, isAtChance }: StatusProps): VNode => (
  <span
    class={`status status-${isAtChance ? 'interrupted' : status}`}
    title={isAtChance ? atChanceText() : undefined}
  >
    <Icon name={isAtChance ? 'warning' : status} />
    {statusText(status, isAtChance)}
  </span>
);
