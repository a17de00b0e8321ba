import type { VNode } from 'preact';
import type { RunStatus } from '../../src/protocol/events.ts';
import { Icon } from './icon.tsx';

/** How a run stands: icon and word, so that colour is never the only sign. */
export const Status = ({ status }: { status: RunStatus }): VNode => (
  <span class={`status status-${status}`}>
    <Icon name={status} />
    {status}
  </span>
);
