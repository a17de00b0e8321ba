import { figureStyle } from '../figures/picture.ts';
import { categoryColour, categoryCount, neutralColour, orderedColour } from '../colours.ts';

const light = '#ffffff';
const dark = '#1e1e1e';

/** The report's stylesheet, for light and dark screens. */
export const reportStyle = `
:root { color-scheme: light dark; --back: ${light}; --fore: #222; --muted: #5c5c5c; --line: #ddd; ${colours(light)} }
@media (prefers-color-scheme: dark) {
  :root { --back: ${dark}; --fore: #ddd; --muted: #a0a0a0; --line: #3c3c3c; ${colours(dark)} }
}
body { margin: 0; background: var(--back); color: var(--fore); font: 14px/1.5 system-ui, sans-serif; }
main { max-width: 1100px; margin: 0 auto; padding: 24px 16px 48px; }
h1 { font-size: 1.6em; margin: 0; } h2 { font-size: 1.2em; margin: 28px 0 8px; } h3 { font-size: 1em; margin: 18px 0 4px; }
.muted { color: var(--muted); margin: 2px 0; }
.verdict { padding: 10px 14px; border-left: 3px solid var(--fore); }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(420px, 100%), 1fr)); gap: 12px 24px; }
figure { margin: 0; min-width: 0; } figcaption { font-weight: 600; } figure > svg { display: block; width: 100%; height: auto; }
.key { display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 4px 0; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 3px 12px 3px 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
tr.best td { font-weight: 700; } th[scope='row'] { font-weight: normal; } article .scroll { margin: 6px 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 16px; margin: 0; } dt { color: var(--muted); } dd { margin: 0; overflow-wrap: anywhere; }
.found { display: flex; flex-wrap: wrap; gap: 8px; padding: 0; margin: 4px 0; list-style: none; } .found li { width: 104px; height: 104px; padding: 4px; border: 2px solid transparent; }
.found .right { border-color: var(--fore); } .found img { width: 100%; height: 100%; object-fit: contain; }
${figureStyle({ fore: 'var(--fore)', muted: 'var(--muted)', line: 'var(--line)', back: 'var(--back)' })}
`;

/** `--category-0`… for runs and what else has no order, `--part-0` to `--part-20` for settings from the smallest to the largest. */
function colours(background: string): string {
  const names: string[] = [`--category-none: ${neutralColour(background)};`];
  for (let i = 0; i < categoryCount; i++) names.push(`--category-${i}: ${categoryColour(i, background)};`);
  for (let i = 0; i <= 20; i++) names.push(`--part-${i}: ${orderedColour(i, 21, background)};`);
  return names.join(' ');
}
