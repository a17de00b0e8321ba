import { signal } from '@preact/signals';
import { parseColour } from '../../src/analysis/colours.ts';

/** What canvases need of VS Code's theme; everything else uses the variables in CSS. */
export interface Theme {
  background: string;
  foreground: string;
  muted: string;
  grid: string;
  error: string;
  warning: string;
  font: string;
  fontSize: number;
  isHighContrast: boolean;
}

export const theme = signal<Theme>(readTheme());

/** Reads the theme's variables again whenever VS Code changes them. */
export function followTheme(): void {
  const reread = (): void => {
    theme.value = readTheme();
  };
  const observer = new MutationObserver(reread);
  const options = { attributes: true, attributeFilter: ['class', 'style', 'data-vscode-theme-kind'] };
  observer.observe(document.documentElement, options);
  observer.observe(document.body, options);
  reread();
}

function readTheme(): Theme {
  const style = getComputedStyle(document.body ?? document.documentElement);
  const read = (name: string, otherwise: string): string =>
    style.getPropertyValue(`--vscode-${name}`).trim() || otherwise;
  const kind = document.body?.className ?? '';
  const isHighContrast = kind.includes('high-contrast');
  const background = read('editor-background', '#ffffff');
  const foreground = read('editor-foreground', read('foreground', '#3b3b3b'));
  return {
    background,
    foreground,
    muted: read('descriptionForeground', foreground),
    grid: isHighContrast ? faded(read('contrastBorder', foreground), 0.35) : faded(foreground, 0.14),
    error: read('errorForeground', '#c72e0f'),
    warning: read('editorWarning-foreground', '#bf8803'),
    font: read('font-family', 'sans-serif'),
    fontSize: parseFloat(read('font-size', '13px')) || 13,
    isHighContrast,
  };
}

/** The colour with this opacity. */
export function faded(colour: string, opacity: number): string {
  const rgb = parseColour(colour);
  return rgb ? `rgba(${rgb.join(', ')}, ${opacity})` : colour;
}
