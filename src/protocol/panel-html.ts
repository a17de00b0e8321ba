import type { Texts } from '../text/say.ts';

/** What the panel's document needs from its host. */
export interface PanelHtmlOptions {
  /** Of `dist/panel.js`, as the webview reaches it. */
  scriptUri: string;
  /** Of `dist/panel.css`. */
  styleUri: string;
  /** The webview's own origin (`webview.cspSource`): the only place that styles and fonts come from. */
  cspSource: string;
  /** Language of the texts, as in `en` or `zh-cn`. */
  language: string;
  /** The panel's texts in that language, by their English wording. */
  texts: Texts;
  /** Fresh for every document: the only script that runs is the one that carries it. */
  nonce: string;
}

/** The panel's HTML document: nothing remote, no inline style or script, pictures from `data:` and the extension only. */
export function panelHtml({
  scriptUri,
  styleUri,
  cspSource,
  language,
  texts,
  nonce,
}: PanelHtmlOptions): string {
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource}`,
    `font-src ${cspSource}`,
    `img-src ${cspSource} data:`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${attribute(language)}">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${attribute(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${attribute(styleUri)}">
<title>Tandem</title>
</head>
<body>
<div id="root"></div>
<script type="application/json" id="texts">${JSON.stringify(texts).replaceAll('<', '\\u003c')}</script>
<script nonce="${attribute(nonce)}" src="${attribute(scriptUri)}"></script>
</body>
</html>
`;
}

const attribute = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
