import type { VNode } from 'preact';
import { differenceOf } from '../../src/analysis/run-difference.ts';
import type { RunView } from '../../src/protocol/panel.ts';
import { plural } from '../../src/text/words.ts';
import { t } from '../../src/text/say.ts';
import { Button } from '../controls/controls.tsx';
import { changes } from '../model/panel-model.ts';
import { runColour, runName } from '../model/run-colours.ts';
import { Swatch } from '../plots/legend.tsx';

interface DifferenceProps {
  a: RunView;
  b: RunView;
  onClose: () => void;
}

/** Two runs side by side, part by part. */
export function Difference({ a, b, onClose }: DifferenceProps): VNode {
  void changes.value;
  return (
    <section class="difference" aria-label={t('Difference of two runs')}>
      <div class="toolbar">
        <Button secondary onClick={onClose}>
          {t('Back to the table')}
        </Button>
        <h2>{t('Difference of two runs')}</h2>
      </div>
      <div class="table-scroll" tabIndex={0} role="region" aria-label={t('Two runs side by side')}>
        <table>
          <thead>
            <tr>
              <th scope="col">
                <span class="sr-only">{t('name')}</span>
              </th>
              {[a, b].map((run) => (
                <th key={run.id} scope="col">
                  <Swatch colour={runColour(run)} /> {runName(run)}
                </th>
              ))}
            </tr>
          </thead>
          {differenceOf(a, b).map(({ title, rows, same }) => (
            <tbody key={title}>
              <tr>
                <th scope="rowgroup" colSpan={3} class="difference-title">
                  {title} <span class="muted">{sameText(rows.length, same)}</span>
                </th>
              </tr>
              {rows.map(({ name, a: ofA, b: ofB, isSame }) => (
                <tr key={name} class={isSame ? 'muted' : ''}>
                  <th scope="row">{name}</th>
                  <td>{ofA}</td>
                  <td>{ofB}</td>
                </tr>
              ))}
            </tbody>
          ))}
        </table>
      </div>
    </section>
  );
}

function sameText(differing: number, same: number): string {
  if (!same) return differing ? '' : t('not known');
  return differing ? plural(same, '{0} more is the same', '{0} more are the same') : t('the same');
}
