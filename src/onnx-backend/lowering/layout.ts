import type { Window } from '../kernels/window.ts';
import type { Graph, Value } from '../graph.ts';

/** How images lie in memory while convolutions work on them. The shape of a value in any layout is [batch, channels, height, width]. */
export interface Layout {
  name: 'first' | 'blocked';
  /** From [batch, height, width, channels]. */
  enter(g: Graph, x: Value): Value;
  /** To [batch, height, width, channels]. */
  leave(g: Graph, x: Value): Value;
  /** From and to [batch, channels, height, width]: the way between two layouts. */
  enterFirst(g: Graph, x: Value): Value;
  leaveFirst(g: Graph, x: Value): Value;
  /** x * scale + bias, both [channels], then + sum, then max(0, .) as asked: as few passes over memory as the layout allows. */
  affine(g: Graph, x: Value, scale: Value, bias: Value, sum: Value | null, relu: boolean): Value;
  /** Sums over batch, height and width -> [channels]. */
  channelSum(g: Graph, x: Value): Value;
  /** Sums of x * y over batch, height and width -> [channels]. */
  channelDot(g: Graph, x: Value, y: Value): Value;
  /** Means over height and width -> [batch, channels]. */
  globalMean(g: Graph, x: Value): Value;
  pool(
    g: Graph,
    op: 'MaxPool' | 'AveragePool',
    x: Value,
    window: PoolWindow,
    shape: readonly number[],
  ): Value;
}

export type PoolWindow = Omit<Window, 'dilations'>;

/** [batch, height, width, channels] as [batch, channels, height, width], and back. */
export const channelsFirst = ([n, h, w, c]: readonly number[]): number[] => [n!, c!, h!, w!];
export const channelsLast = ([n, c, h, w]: readonly number[]): number[] => [n!, h!, w!, c!];

/**
 * Which layouts each value is already there in. Values of the graph are [batch, height, width, channels]; a value computed in another
 * layout is entered here with that form, and the way back is left out of the graph when nobody needs it.
 */
export class Forms {
  readonly #forms = new Map<Value, Map<Layout, Value>>();

  constructor(
    readonly g: Graph,
    readonly layouts: { first: Layout; blocked: Layout | null },
    readonly block: number | null,
  ) {}

  /** The layout for images of that many channels. */
  layoutFor(channels: number): Layout {
    const { first, blocked } = this.layouts;
    return blocked && this.block && channels % this.block === 0 ? blocked : first;
  }

  /** A layout in which x exists. */
  layoutOf(x: Value): Layout | null {
    return this.#forms.get(x)?.keys().next().value ?? null;
  }

  /** x in a layout, converted once when it is not there yet. */
  in(layout: Layout, x: Value): Value {
    const known = this.#forms.get(x)?.get(layout);
    if (known) return known;
    const other = this.layoutOf(x);
    const form = other
      ? layout.enterFirst(this.g, other.leaveFirst(this.g, this.in(other, x)))
      : layout.enter(this.g, x);
    this.#remember(x, layout, form);
    return form;
  }

  /** The value of the graph for a result in a layout. */
  out(layout: Layout, form: Value): Value {
    const x = layout.leave(this.g, form);
    this.#remember(x, layout, form);
    return x;
  }

  #remember(x: Value, layout: Layout, form: Value): void {
    const forms = this.#forms.get(x) ?? new Map<Layout, Value>();
    this.#forms.set(x, forms.set(layout, form));
  }
}
