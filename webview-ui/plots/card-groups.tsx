import type { VNode } from 'preact';
import type { CardSpec } from '../../src/analysis/cards.ts';
import type { RunView } from '../../src/protocol/panel.ts';
import { Icon } from '../controls/icon.tsx';
import { Card } from './card.tsx';
import { changePlots, maximised, plotSearch, plotSettings } from './plot-settings.ts';
import { plural } from '../../src/text/words.ts';
import { t } from '../../src/text/say.ts';

interface CardGroupsProps {
  cards: CardSpec[];
  runs: RunView[];
  extent: [number, number];
}

/** With more plots than this, all but the first groups begin folded: a log of another program may hold hundreds. */
const manyCards = 24;
const openGroups = 2;

/** The plots in a grid: our own first, then those of other names under what these begin with. */
export function CardGroups({ cards, runs, extent }: CardGroupsProps): VNode {
  const words = plotSearch.value.toLowerCase().split(/\s+/).filter(Boolean);
  const one = cards.find(({ id }) => id === maximised.value);
  const found = cards.filter(({ title, metrics }) => {
    const text = `${title} ${metrics.map(({ name }) => name).join(' ')}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const grid = (list: CardSpec[]): VNode => (
    <div class="cards">
      {list.map((card) => (
        <Card key={card.id} card={card} shortTitle={shortTitle(card)} runs={runs} extent={extent} />
      ))}
    </div>
  );
  if (one) return grid([one]);
  if (!found.length) return <p class="empty">{t('No plot has all of these words.')}</p>;
  const groups = new Map<string, CardSpec[]>([['', []]]);
  for (const card of found) groups.set(card.group, [...(groups.get(card.group) ?? []), card]);
  return (
    <>
      {[...groups].map(([name, members], index) => {
        if (!name) return members.length > 0 && grid(members);
        const { folded } = plotSettings.value;
        const isFolded = !words.length && (folded[name] ?? (cards.length > manyCards && index > openGroups));
        return (
          <section key={name} class="card-group" aria-label={name}>
            <h2>
              <button
                type="button"
                aria-expanded={!isFolded}
                onClick={() => changePlots({ folded: { ...folded, [name]: !isFolded } })}
              >
                <Icon name={isFolded ? 'right' : 'down'} />
                {name}
                <span class="muted">{plural(members.length, '{0} plot', '{0} plots')}</span>
              </button>
            </h2>
            {!isFolded && grid(members)}
          </section>
        );
      })}
    </>
  );
}

const shortTitle = ({ title, group }: CardSpec): string => (group ? title.slice(group.length + 1) : title);
