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

window.host = new FakeHost();
window.fake = fakeRuns;
window.themes = themes;
