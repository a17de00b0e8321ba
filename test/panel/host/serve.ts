import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Frame, Page } from 'playwright-core';
import { panelHtml } from '../../../src/protocol/panel-html.ts';
import { themes } from './themes.ts';
import { type Texts } from '../../../src/text/say.ts';

export const chromiumPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  (path) => existsSync(path),
);

/** A browser with the built panel in it, and the fake host beside it. */
export interface Stage {
  browser: Browser;
  /** Where the host's page is. */
  address: string;
  newPage(size: { width: number; height: number }): Promise<Page>;
  close(): Promise<void>;
}

/** Of a table what the panel says, as its real host hands it. */
function said(texts: Texts, dist: string): Texts {
  const wordings = JSON.parse(readFileSync(`${dist}/panel-texts.json`, 'utf8')) as string[];
  return Object.fromEntries(wordings.map((one) => [one, texts[one]!]));
}

/** Serves the panel's real bundle from `dist` under its real policy, and starts Chromium. */
export async function openStage(dist: string, texts?: Texts): Promise<Stage> {
  const [hostScript, webviewScript] = await Promise.all([bundled('page.ts'), bundled('webview.ts')]);
  const served = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://host').pathname;
    const send = (type: string, body: string | Buffer): void => {
      response.writeHead(200, { 'content-type': type });
      response.end(body);
    };
    const origin = `http://localhost:${(served.address() as AddressInfo).port}`;
    if (path === '/') send('text/html', hostPage(texts ?? {}));
    else if (path === '/host.js') send('text/javascript', hostScript);
    else if (path === '/panel.js' || path === '/panel.css')
      send(path.endsWith('.js') ? 'text/javascript' : 'text/css', readFileSync(`${dist}${path}`));
    else if (path === '/panel.html')
      send(
        'text/html',
        panelHtml({
          scriptUri: `${origin}/panel.js`,
          styleUri: `${origin}/panel.css`,
          cspSource: origin,
          language: texts ? 'zh-cn' : 'en',
          texts: texts ? said(texts, dist) : {},
          nonce: 'bm9uY2U',
        }),
      );
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => served.listen(0, '127.0.0.1', resolve));
  const { port } = served.address() as AddressInfo;
  const browser = await chromium.launch({
    ...(chromiumPath !== undefined && { executablePath: chromiumPath }),
    // Without a graphics card Chromium would emulate one for canvases, which is slower than drawing them itself.
    args: ['--no-sandbox', '--site-per-process', '--disable-gpu'],
  });
  const contexts: BrowserContext[] = [];
  return {
    browser,
    address: `http://127.0.0.1:${port}/`,
    async newPage(size) {
      const context = await browser.newContext({ viewport: size });
      contexts.push(context);
      await context.addInitScript(`{ const allThemes = ${JSON.stringify(themes)};\n${webviewScript}\n}`);
      const page = await context.newPage();
      await page.goto(`http://127.0.0.1:${port}/`);
      await page.waitForFunction(() => 'host' in window);
      return page;
    },
    async close() {
      await browser.close();
      await new Promise((resolve) => served.close(resolve));
    },
  };
}

/** The panel's frame, once it is there. */
export async function panelOf(page: Page): Promise<Frame> {
  await page.locator('iframe').waitFor();
  for (;;) {
    const frame = page.frames().find((each) => each.url().includes('/panel.html'));
    if (frame) return frame;
    await page.waitForTimeout(20);
  }
}

/** The host has the whole table: problems, fields and whatever else it sends are in the reader's language. */
const hostPage = (
  texts: Texts,
): string => `<!DOCTYPE html><html lang="en"><head><meta charset="UTF-8"><title>host</title><style>
html, body { margin: 0; height: 100%; overflow: hidden } iframe { width: 100%; height: 100%; border: 0; display: block }
</style></head><body><script type="application/json" id="texts">${JSON.stringify(texts).replaceAll('<', '\\u003c')}</script>
<script src="/host.js"></script></body></html>`;

async function bundled(file: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [`test/panel/host/${file}`],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    logLevel: 'warning',
  });
  return outputFiles[0]!.text;
}
