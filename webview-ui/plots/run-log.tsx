import { signal } from '@preact/signals';
import type { VNode } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { RunView } from '../../src/protocol/panel.ts';
import { t } from '../../src/text/say.ts';
import { tell } from '../model/host.ts';
import { log } from '../model/panel-model.ts';
import { useTab } from '../model/tab-view.ts';

/** Kept while another tab is looked at. */
const isOpen = signal(false);

/** What the trainer prints, as it prints it; the end stays in sight while a person is at the end. */
export function RunLog({ run }: { run: RunView }): VNode {
  const box = useRef<HTMLPreElement>(null);
  const isAtEnd = useRef(true);
  const isRead = isOpen.value && useTab().isSeen.value;
  useEffect(() => {
    if (!isRead) return;
    log.value = null;
    isAtEnd.current = true;
    tell({ kind: 'log', run: run.id });
    return () => tell({ kind: 'log', run: null });
  }, [isRead, run.id]);
  const text = log.value?.run === run.id ? log.value.text : null;
  useLayoutEffect(() => {
    if (box.current && isAtEnd.current) box.current.scrollTop = box.current.scrollHeight;
  }, [text]);
  return (
    <details
      class="run-fold"
      open={isOpen.value}
      onToggle={(event) => (isOpen.value = event.currentTarget.open)}
    >
      <summary>{t('Log')}</summary>
      {isOpen.value && (
        <pre
          class="run-log"
          ref={box}
          tabIndex={0}
          role="log"
          aria-live="off"
          aria-label={t('What the trainer prints')}
          onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) =>
            (isAtEnd.current = scrollTop + clientHeight >= scrollHeight - 8)
          }
        >
          {text || <span class="muted">{t('Nothing has been printed yet.')}</span>}
        </pre>
      )}
    </details>
  );
}
