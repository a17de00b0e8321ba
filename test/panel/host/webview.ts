import type { FakeTheme } from './themes.ts';

/** Runs in the panel's frame before its document does, as VS Code's own script does: the API, the theme, and an ear for broken policy. */
interface Frame extends Window {
  acquireVsCodeApi?: () => object;
  violations?: string[];
}

declare const allThemes: Record<string, FakeTheme>;

const frame = window as Frame;

if (window.parent !== window && location.pathname === '/panel.html') {
  frame.violations = [];
  document.addEventListener('securitypolicyviolation', (event) =>
    frame.violations!.push(
      `${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`,
    ),
  );
  let kept: unknown = JSON.parse(decodeURIComponent(location.hash.slice(1)) || 'null') ?? undefined;
  frame.acquireVsCodeApi = () => ({
    postMessage: (message: unknown) => window.parent.postMessage(JSON.parse(JSON.stringify(message)), '*'),
    getState: () => kept,
    setState: (state: unknown) => {
      kept = state;
      window.parent.postMessage({ fakeState: state }, '*');
    },
  });
  const first = allThemes[new URLSearchParams(location.search).get('theme') ?? 'dark']!;
  document.addEventListener(
    'readystatechange',
    () => document.body && !document.body.className && apply(first),
  );
  new MutationObserver((_changes, observer) => {
    if (!document.body) return;
    observer.disconnect();
    apply(first);
  }).observe(document, { childList: true, subtree: true });
  window.addEventListener('message', (event: MessageEvent<{ fakeTheme?: FakeTheme }>) => {
    if (!event.data.fakeTheme) return;
    event.stopImmediatePropagation();
    apply(event.data.fakeTheme);
  });
}

function apply({ bodyClass, kind, variables }: FakeTheme): void {
  const { style } = document.documentElement;
  for (const [name, value] of Object.entries(variables)) style.setProperty(`--vscode-${name}`, value);
  document.body.className = bodyClass;
  document.body.dataset['vscodeThemeKind'] = kind;
}
