import type { VNode } from 'preact';
import type { CardSpec } from '../../src/analysis/cards.ts';
import { isOfSystem } from '../../src/protocol/metrics.ts';
import type { RunView } from '../../src/protocol/panel.ts';
import { Icon } from '../controls/icon.tsx';
import { arranged, movedTo } from './arrangement.ts';
import type { Colouring } from '../model/colouring.ts';
import { Card } from './card.tsx';
import { arrangeItems } from './card-head.tsx';
import { Constants, isConstantCard } from './constants.tsx';
import { XyCard } from './xy-card.tsx';
import { changePlots, maximised, plotSearch, plotSettings } from './plot-settings.ts';
import { plural } from '../../src/text/words.ts';
import { t } from '../../src/text/say.ts';

interface CardGroupsProps {
  cards: CardSpec[];
  runs: RunView[];
  extent: [number, number];
  colours: Colouring | null;
}

/** With more plots than this, all but the first groups begin folded: a log of another program may hold hundreds. */
const manyCards = 24;
const openGroups = 2;

/** Least size of a plot with its gap, and what stands above the first, in CSS pixels. */
const least = { width: 350, height: 290, above: 120 };

/** No fewer plots than the window can show. */
const cardsInSight = (): number =>
  Math.max(1, Math.floor(innerWidth / least.width)) * Math.ceil((innerHeight - least.above) / least.height);

/** The plots in a grid: our own first, then those of other names under what these begin with. */
export function CardGroups({ cards, runs, extent, colours }: CardGroupsProps): VNode {
  const words = plotSearch.value.toLowerCase().split(/\s+/).filter(Boolean);
  const one = cards.find(({ id }) => id === maximised.value);
  const found = cards.filter(({ title, metrics }) => {
    const text = `${title} ${metrics.map(({ name }) => name).join(' ')}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const { pinned, order, folded } = plotSettings.value;
  const atOnce = cardsInSight();
  let made = 0;
  const isLevel = (card: CardSpec): boolean => !pinned.includes(card.id) && isConstantCard(card, runs);
  const grid = (list: CardSpec[]): VNode => {
    const ids = list.map(({ id }) => id);
    const put = (id: string, at: string): void => changePlots({ order: movedTo(order, ids, id, at) });
    return (
      <div class="cards">
        {list.map((card, index) => {
          const move = (by: -1 | 1): void => put(card.id, ids[index + by] ?? card.id);
          if (card.against)
            return (
              <XyCard
                key={card.id}
                card={card}
                against={card.against}
                runs={runs}
                items={arrangeItems(card.id, move)}
              />
            );
          return (
            <Card
              key={card.id}
              card={card}
              shortTitle={pinned.includes(card.id) ? card.title : shortTitle(card)}
              runs={runs}
              isFirst={made++ < atOnce}
              extent={extent}
              colours={colours}
              move={move}
              take={(id) => put(id, card.id)}
            />
          );
        })}
      </div>
    );
  };
  if (one) return grid([one]);
  if (!found.length) return <p class="empty">{t('No plot has all of these words.')}</p>;
  const level = found.filter(isLevel);
  const groups = arranged(
    found.filter((card) => !level.includes(card)),
    plotSettings.value,
  );
  return (
    <>
      <Constants cards={level} runs={runs} />
      {[...groups].map(([name, members], index) => {
        if (!name) return members.length > 0 && grid(members);
        const isFolded =
          !words.length &&
          (folded[name] ?? (isSystem(members) || (cards.length > manyCards && index > openGroups)));
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

/** What the machine does is looked for when something is slow, and begins folded. */
const isSystem = (members: CardSpec[]): boolean =>
  members.every(({ metrics }) => metrics.every(({ name }) => isOfSystem(name)));

const shortTitle = ({ title, group }: CardSpec): string =>
  group && title.startsWith(`${group}/`) ? title.slice(group.length + 1) : title;
