import './style/panel.css';
import { render } from 'preact';
import { fromWire } from '../src/protocol/panel-wire.ts';
import { App } from './app.tsx';
import { openModel, take } from './model/model.ts';
import { followTheme } from './model/theme.ts';

followTheme();
window.addEventListener('message', (event: MessageEvent) => take(fromWire(event.data)));
render(<App />, document.getElementById('root')!);
openModel();
