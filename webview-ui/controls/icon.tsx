import type { VNode } from 'preact';
import { statusShapes } from '../../src/analysis/status-shapes.ts';

/** Drawn by ourselves on a 16 x 16 grid: an icon font would need a second file and a wider policy. */
const shapes = {
  close: 'M4 4l8 8M12 4l-8 8',
  reset: 'M4 3v4h4M4.3 6.5A4.7 4.7 0 1 1 3.6 10',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  download: 'M8 2.5v7.5M4.8 7L8 10.2 11.2 7M3 13.5h10',
  maximise: 'M9.5 2.5h4v4M13.5 2.5L9 7M6.5 13.5h-4v-4M2.5 13.5L7 9',
  restore: 'M13 7H9V3M9 7l4.5-4.5M3 9h4v4M7 9l-4.5 4.5',
  table: 'M2.5 3.5h11v9h-11zM2.5 6.5h11M2.5 9.5h11M6.5 6.5v6',
  chart: 'M2.5 2.5v11h11M4.5 10.5l3-4 2.5 2 3.5-5',
  pin: 'M6 2.5h4l-.6 4L11.5 9v.8h-7V9l2.1-2.5zM8 9.8V14',
  error: 'M8 2.5a5.5 5.5 0 1 0 .01 0M6 6l4 4M10 6l-4 4',
  info: 'M8 2.5a5.5 5.5 0 1 0 .01 0M8 7.3v3.5M8 5.2h.01',
  down: 'M4 6l4 4 4-4',
  right: 'M6 4l4 4-4 4',
  ...statusShapes,
} as const;

export type IconName = keyof typeof shapes;

export const Icon = ({ name }: { name: IconName }): VNode => (
  <svg class={`icon icon-${name}`} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
    <path d={shapes[name]} />
  </svg>
);

interface IconButtonProps {
  name: IconName;
  label: string;
  onClick: () => void;
  pressed?: boolean;
  /** Whether what it folds is in sight. */
  expanded?: boolean;
  disabled?: boolean;
}

/** A button that is only an icon; its name is read out and shown when pointed at. */
export const IconButton = ({ name, label, onClick, pressed, expanded, disabled }: IconButtonProps): VNode => (
  <button
    type="button"
    class="icon-button"
    title={label}
    aria-label={label}
    aria-pressed={pressed}
    aria-expanded={expanded}
    disabled={disabled}
    onClick={onClick}
  >
    <Icon name={name} />
  </button>
);
