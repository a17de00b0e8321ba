import { t } from '../../src/text/say.ts';
import { ask } from './host.ts';

const isMac = navigator.platform.startsWith('Mac');

/** Whether the keys are those that take something back (`undo`) or make it again; null: others. */
export function undoKey(event: KeyboardEvent): 'undo' | 'redo' | null {
  if (event.altKey || !(isMac ? event.metaKey : event.ctrlKey)) return null;
  const key = event.key.toLowerCase();
  if (key === 'z') return event.shiftKey ? 'redo' : 'undo';
  return key === 'y' && !isMac && !event.shiftKey ? 'redo' : null;
}

/** Takes back what the panel changed in the file, wherever in the panel the keys are pressed; a text being typed has its own undo. */
export function followUndoKeys(): void {
  document.addEventListener('keydown', (event) => {
    const kind = undoKey(event);
    const isTyping = event.target instanceof HTMLInputElement && event.target.type !== 'range';
    if (!kind || isTyping || event.defaultPrevented) return;
    event.preventDefault();
    void ask({ kind }, kind === 'undo' ? t('undo the last change') : t('redo the last change'));
  });
}
