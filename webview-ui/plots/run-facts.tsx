import type { VNode } from 'preact';
import { engineText } from '../../src/text/engine-words.ts';
import type { RunView } from '../../src/protocol/panel.ts';
import { t, language } from '../../src/text/say.ts';
import { runName } from '../model/run-colours.ts';

/** Who a run is: its name, and the code, data and machine that it was trained with. */
export function RunFacts({ run }: { run: RunView }): VNode | null {
  const { file } = run;
  if (!file) return null;
  const date = new Date(file.created).toLocaleString(language(), { dateStyle: 'medium', timeStyle: 'short' });
  const { engine } = file;
  const facts: [name: string, value: string | null][] = [
    [t('name'), runName(run)],
    ['id', file.id],
    [t('started'), date],
    [t('note'), file.note],
    [t('git commit'), file.git_commit ?? t('none: the experiment lies in no git repository with a commit')],
    [t('data'), file.data === null ? null : dataText(file.data)],
    [t('settings'), file.config_hash ? short(file.config_hash) : null],
    [t('engine'), engine && engineText(engine)],
    [t('why this engine'), engine && engine.why],
    [
      t('versions'),
      Object.entries(file.versions)
        .map((pair) => pair.join(' '))
        .join(t(', ')) || null,
    ],
  ];
  return (
    <details class="run-fold">
      <summary>{t('About the run')}</summary>
      <dl class="run-facts">
        {facts.map(
          ([name, value]) =>
            value && (
              <div key={name}>
                <dt class="muted">{name}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
    </details>
  );
}

/** Equal words stand for equal pairs, sizes and times of images. */
function dataText(fingerprint: string): string {
  const [pairs = '', sizes, times] = fingerprint.split(' ');
  if (!sizes || !times) return t('pairs {0}', short(pairs));
  return t('pairs {0}, image sizes {1}, image times {2}', short(pairs), short(sizes), short(times));
}

const short = (hash: string): string =>
  hash
    .split('+')
    .map((part) => part.slice(0, 12))
    .join('+');
