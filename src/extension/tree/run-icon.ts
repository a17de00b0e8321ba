import * as vscode from 'vscode';
import { colourOfRun } from '../../analysis/colours.ts';
import { statusShapes } from '../../analysis/status-shapes.ts';
import { endedAtChance } from '../../protocol/chance.ts';
import type { RunStatus } from '../../protocol/events.ts';
import type { RunEntry } from '../runs/run-entry.ts';

type RunIcon = { light: vscode.Uri; dark: vscode.Uri };

/** A run's icon: its status as the shape, and the colour that it is drawn in everywhere else. A run that learnt nothing gets no tick. */
export function runIcon({ status, file }: RunEntry): RunIcon {
  const hasLearntNothing = status === 'finished' && endedAtChance(status, file.summary);
  const shape = statusShapes[hasLearntNothing ? 'warning' : status];
  return {
    light: drawn(shape, colourOfRun(file, '#ffffff')),
    dark: drawn(shape, colourOfRun(file, '#1f1f1f')),
  };
}

const icons = new Map<string, vscode.Uri>();

/** As a picture inside the address: VS Code's own icons have the theme's colours only. */
function drawn(shape: string, colour: string): vscode.Uri {
  const key = `${shape} ${colour}`;
  let icon = icons.get(key);
  if (!icon) {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="${shape}" fill="none" stroke="${colour}" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"/></svg>`;
    icons.set(
      key,
      (icon = vscode.Uri.parse(`data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`)),
    );
  }
  return icon;
}

/** The same signs as in the panel (`icon.tsx`). */
const statusIcons: Record<RunStatus, [name: string, color: string | null]> = {
  queued: ['clock', null],
  running: ['sync~spin', 'charts.blue'],
  stopping: ['debug-stop', 'charts.yellow'],
  stopped: ['debug-stop', null],
  stopped_early: ['debug-step-over', null],
  finished: ['pass', 'testing.iconPassed'],
  failed: ['error', 'testing.iconFailed'],
  diverged: ['flame', 'testing.iconErrored'],
  interrupted: ['circle-slash', 'charts.orange'],
  log: ['graph-line', null],
};

export function statusIcon(status: RunStatus): vscode.ThemeIcon {
  const [name, color] = statusIcons[status];
  return new vscode.ThemeIcon(name, color ? new vscode.ThemeColor(color) : undefined);
}
