import type { CardSpec } from '../../src/analysis/cards.ts';

/** How a person arranged the plots. */
export interface Arrangement {
  /** Plots that stand before all others, whatever their group. */
  pinned: string[];
  /** Plots of which only the head is seen: after the others of their group, where they leave no holes. */
  collapsed: string[];
  /** Plots in the order that they were put in; all others follow in their own. */
  order: string[];
}

/** The plots of each group as they stand, those that are pinned first in the first group, whose name is empty. */
export function arranged(
  cards: CardSpec[],
  { pinned, order, collapsed }: Arrangement,
): Map<string, CardSpec[]> {
  const groups = new Map<string, CardSpec[]>([['', []]]);
  const isPinned = ({ id }: CardSpec): boolean => pinned.includes(id);
  const place = ({ id }: CardSpec): number => {
    const at = order.indexOf(id);
    return at < 0 ? order.length : at;
  };
  const isCollapsed = ({ id }: CardSpec): boolean => collapsed.includes(id);
  const sorted = [...cards].sort(
    (a, b) =>
      Number(isCollapsed(a)) - Number(isCollapsed(b)) ||
      Number(isPinned(b)) - Number(isPinned(a)) ||
      place(a) - place(b),
  );
  for (const card of sorted) {
    const name = isPinned(card) ? '' : card.group;
    groups.set(name, [...(groups.get(name) ?? []), card]);
  }
  // The groups themselves stay where they are, whichever of their plots comes first.
  const names = [...new Set(['', ...cards.map(({ group }) => group)])];
  return new Map(names.flatMap((name) => (groups.has(name) ? [[name, groups.get(name)!]] : [])));
}

/** The order after plot `id` was put where the plot `at` is, both of them among `shown`. */
export function movedTo(order: string[], shown: string[], id: string, at: string): string[] {
  const to = shown.indexOf(at);
  if (to < 0 || !shown.includes(id)) return order;
  const moved = shown.filter((other) => other !== id);
  moved.splice(to, 0, id);
  return [...moved, ...order.filter((other) => !moved.includes(other))];
}

export const toggled = (list: string[], item: string): string[] =>
  list.includes(item) ? list.filter((other) => other !== item) : [...list, item];
