import { useTexts, type Texts } from '../../../src/text/say.ts';
import { FakeHost } from './fake-host.ts';
import * as fakeRuns from './fake-runs.ts';
import { themes } from './themes.ts';

/** What tests reach in the page that holds the panel's frame. */
declare global {
  interface Window {
    host: FakeHost;
    fake: typeof fakeRuns;
    themes: typeof themes;
  }
}

const texts = JSON.parse(document.getElementById('texts')!.textContent!) as Texts;
if (Object.keys(texts).length > 0) useTexts(texts, 'zh-cn');

window.host = new FakeHost();
window.fake = fakeRuns;
window.themes = themes;
