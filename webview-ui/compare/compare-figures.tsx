import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { orderedColour } from '../../src/analysis/colours.ts';
import { heatFigure } from '../../src/analysis/figures/heat-figure.ts';
import { parallelFigure } from '../../src/analysis/figures/parallel-figure.ts';
import { linesOf, rateFigure } from '../../src/analysis/figures/rate-figure.ts';
import { settingName } from '../../src/text/settings.ts';
import type { Setting } from '../../src/analysis/compared-settings.ts';
import { shortMetric } from '../../src/protocol/metrics.ts';
import { Select } from '../controls/controls.tsx';
import { theme } from '../model/theme.ts';
import { Swatch } from '../plots/legend.tsx';
import { Figure } from './figure.tsx';
import { t } from '../../src/text/say.ts';

interface CompareFiguresProps {
  settings: Setting[];
  keys: string[];
  metric: string;
  pick: 'best' | 'last';
}

const most = 12;

/** The metric against what was swept: along one key, over two as a map, over more as parallel coordinates. */
export function CompareFigures({ settings, keys, metric, pick }: CompareFiguresProps): VNode | null {
  const { background } = theme.value;
  const [wanted, setWanted] = useState<string | null>(null);
  if (!keys.length) return null;
  const key =
    wanted !== null && keys.includes(wanted)
      ? wanted
      : (keys.find((each) => /learning_rate/.test(each)) ?? keys[0]!);
  const name = (each: string): string => settingName(each, keys);
  const named = (each: string) => ({ key: each, name: name(each) });
  const second = keys.find((each) => each !== key);
  const short = shortMetric(metric);
  const lines = linesOf(settings, key);
  const colourOf = (place: number, count: number): string => orderedColour(place, count, background);
  return (
    <div class="cards figures">
      <Figure
        title={t('{0} against {1}', short, name(key))}
        height={280}
        pictureKey={
          lines.length > 1
            ? lines.map(({ name: label }, place) => ({ label, colour: colourOf(place, lines.length) }))
            : []
        }
        foot={
          lines.length > 1 && (
            <p class="colour-key">
              <span class="muted">{t('lines:')}</span>
              {lines.slice(0, most).map((line, place) => (
                <span key={line.name}>
                  <Swatch colour={colourOf(place, lines.length)} /> {line.name}
                </span>
              ))}
              {lines.length > most && <span class="muted">{t('and {0} more', lines.length - most)}</span>}
            </p>
          )
        }
        draw={(width, height) =>
          rateFigure({ settings, key, keyName: name(key), metric, pick, width, height, colourOf })
        }
      >
        {keys.length > 1 && (
          <Select
            label={t('Setting along the axis')}
            value={key}
            options={keys.map((each) => ({ value: each, label: name(each) }))}
            onChange={setWanted}
          />
        )}
      </Figure>
      {keys.length === 2 && second && (
        <Figure
          title={`${name(key)} × ${name(second)}`}
          height={280}
          draw={(width, height) =>
            heatFigure({ settings, x: named(key), y: named(second), metric, pick, width, height })
          }
        />
      )}
      {keys.length > 2 && (
        <Figure
          title={t('{0} by all that differs', short)}
          height={280}
          draw={(width, height) =>
            parallelFigure({
              settings,
              keys: keys.slice(0, 8).map(named),
              metric,
              pick,
              width,
              height,
              colourOf: (part) => orderedColour(Math.round(part * 20), 21, background),
            })
          }
        />
      )}
    </div>
  );
}
