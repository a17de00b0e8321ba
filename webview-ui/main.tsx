import './style/panel.css';
import { render } from 'preact';
import { wireReader } from '../src/protocol/panel-wire.ts';
import { useTexts, type Texts } from '../src/text/say.ts';
import { App } from './app.tsx';
import { openModel, take } from './model/panel-model.ts';
import { followTheme } from './model/theme.ts';
import { followUndoKeys } from './model/undo.ts';
import { prepareTabs } from './prepared.ts';

const said = document.getElementById('texts')?.textContent;
if (said) useTexts(JSON.parse(said) as Texts, document.documentElement.lang);
followTheme();
followUndoKeys();
const read = wireReader();
window.addEventListener('message', (event: MessageEvent) => {
  const message = read(event.data);
  if (message) take(message);
});
render(<App />, document.getElementById('root')!);
prepareTabs();
openModel();
