import type { ReadonlySignal } from '@preact/signals';
import type { VNode } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { exactText } from '../../src/analysis/metric-words.ts';
import type { RunView } from '../../src/protocol/panel.ts';
import { useTab } from '../model/tab-view.ts';
import { theme } from '../model/theme.ts';
import type { Colouring } from '../model/colouring.ts';
import type { CardSpec } from '../../src/analysis/cards.ts';
import { toggled } from './arrangement.ts';
import { CardHead, cardType } from './card-head.tsx';
import { offerPicture } from '../controls/picture-dialog.tsx';
import { cardPicture } from './card-picture.ts';
import { createPlot } from './chart.ts';
import type { Plot } from './chart.ts';
import { Crosshair } from './crosshair.tsx';
import { CardNotes } from './card-notes.tsx';
import { curvesOf, hiddenKey } from './curves.ts';
import type { PlotCurve } from './curves.ts';
import { saveCsv } from './download.ts';
import { drawNever, drawSoon } from './frames.ts';
import type { Drawn } from './frames.ts';
import { useLater, whenIdle } from './later.ts';
import { Legend } from './legend.tsx';
import { marksOf } from './marks.ts';
import { drawCard } from './draw-card.ts';
import type { CardInput } from './draw-card.ts';
import { referencesOf } from '../../src/analysis/reference.ts';
import { changePlots, maximised, plotSettings, pointed, restingRange, xRange } from './plot-settings.ts';
import { ValueTable } from './value-table.tsx';
import { xWords } from './x-axis.ts';
import { t } from '../../src/text/say.ts';

/** What the frame loop draws, kept up to date by each render. */
interface CardDrawing {
  input: CardInput | null;
  draw(deadline: number): boolean;
}

interface CardProps {
  card: CardSpec;
  /** What it is called where its group's name stands above it. */
  shortTitle?: string;
  runs: RunView[];
  /** The whole x range, shared by all cards. */
  extent: [number, number];
  /** Colours by a setting; its key then stands above all plots, in place of their legends. */
  colours: Colouring | null;
  /** Puts the plot one place earlier or later; absent where it has a fixed place. */
  move?: (by: -1 | 1) => void;
  /** Puts another plot where this one is. */
  take?: (id: string) => void;
}

/** One plot with its title, legend and buttons; its place with its name as long as it is not made. */
export function Card({ isFirst = true, ...props }: CardProps & { isFirst?: boolean }): VNode {
  const { card, shortTitle, move, take } = props;
  const place = useRef<HTMLElement>(null);
  const isMaximised = maximised.value === card.id;
  const isMade = useLater(isFirst || isMaximised, place);
  const isCollapsed = move !== undefined && !isMaximised && plotSettings.value.collapsed.includes(card.id);
  return (
    <section
      ref={place}
      class={`card ${isMaximised ? 'maximised' : ''} ${isCollapsed ? 'collapsed' : ''}`}
      aria-label={card.unit ? `${card.title}, ${card.unit}` : card.title}
      data-card={card.id}
      onDragOver={(event) => {
        if (take && event.dataTransfer?.types.includes(cardType)) event.preventDefault();
      }}
      onDrop={(event) => {
        const id = event.dataTransfer?.getData(cardType);
        if (id) take?.(id);
      }}
    >
      {isMade ? (
        <CardBody {...props} isCollapsed={isCollapsed} />
      ) : (
        <h2 class={isCollapsed ? '' : 'card-place'}>{shortTitle ?? card.title}</h2>
      )}
    </section>
  );
}

function CardBody(props: CardProps & { isCollapsed: boolean }): VNode {
  const { card, shortTitle, runs, extent, colours, move, isCollapsed } = props;
  const settings = plotSettings.value;
  const { axis, hidden } = settings;
  const look = theme.value;
  const { isSeen, changes } = useTab();
  const version = changes.value;
  const isLog = settings.logs[card.id] ?? card.isLog;
  const [asTable, setAsTable] = useState(false);
  const canvas = useRef<HTMLCanvasElement>(null);
  const plot = useRef<Plot | null>(null);
  const curves = useMemo(
    () => curvesOf(card, runs, axis, hidden, look.background, colours),
    [card, runs, axis, hidden, look, version, colours],
  );
  const marks = useMemo(() => marksOf(runs, axis), [runs, axis, version]);
  const isSingle = runs.length === 1 && !colours;
  const references = referencesOf(card, runs);

  const drawn = useMemo((): CardDrawing => ({ input: null, draw: () => true }), []);
  drawn.input = { curves, marks, references, theme: look, isLog, axis, extent, settings };
  drawn.draw = (deadline) => {
    if (!plot.current || !drawn.input) return true;
    if (!plot.current.isReady()) return false;
    return drawCard(plot.current, drawn.input, xRange.peek() ?? drawn.input.extent, deadline);
  };
  const highlight = useMemo(
    (): Drawn => ({
      draw() {
        plot.current?.point(pointed.peek());
        return true;
      },
    }),
    [],
  );
  const isCanvas = !asTable && !isCollapsed;
  // Before the frame in which the card appears, so that its curves appear with it.
  useLayoutEffect(() => {
    if (!isCanvas || !canvas.current) return;
    const made = createPlot(canvas.current, (next) => (xRange.value = next));
    plot.current = made;
    return () => {
      plot.current = null;
      made.dispose();
    };
  }, [isCanvas]);
  const draw = useDrawing(drawn);
  const drawIfInView = useInView(canvas, isCanvas, draw);
  useLayoutEffect(drawIfInView);
  useEffect(() => {
    const ends = [
      // Zooming is no render: the words around the plot do not change with each frame.
      onChange(xRange, drawIfInView),
      // Nothing has moved: neither axes nor curves are made anew.
      onChange(pointed, () => isSeen.peek() && drawSoon(highlight)),
    ];
    return () => {
      ends.forEach((end) => end());
      drawNever(drawn);
      drawNever(highlight);
    };
  }, []);

  // The same one again leaves it as it is: fifty lines of it take longer than all the rest of the card.
  const legend = useMemo(
    () => (
      <Legend
        curves={curves}
        onToggle={(curve) => changePlots({ hidden: toggled(hidden, hiddenKey(card, curve, isSingle)) })}
      />
    ),
    [curves, isSingle],
  );
  const range = restingRange.value ?? extent;
  const items = [
    { label: t('Save the Values as CSV'), onChoose: () => saveCsv(card, curves) },
    {
      label: t('Save as a Picture…'),
      onChoose: () => drawn.input && offerPicture(cardPicture(card, drawn.input, range)),
    },
  ];
  return (
    <>
      <CardHead
        card={card}
        shortTitle={shortTitle}
        curves={curves}
        isLog={isLog}
        asTable={asTable}
        setAsTable={setAsTable}
        items={items}
        move={move}
      />
      {!isCollapsed && (
        <>
          {!colours && legend}
          {asTable ? (
            <ValueTable card={card} curves={curves} marks={marks} axis={axis} range={range} />
          ) : (
            <Crosshair plot={plot} extent={extent} marks={marks} curves={curves}>
              <canvas ref={canvas} role="img" aria-label={summary(card, curves, range, axis)} />
            </Crosshair>
          )}
          <CardNotes card={card} runs={runs} curves={curves} isLog={isLog} />
        </>
      )}
    </>
  );
}

/** What a reader who does not see the plot is told of it. */
function summary(
  card: CardSpec,
  curves: PlotCurve[],
  range: [number, number],
  axis: Parameters<typeof xWords>[0],
): string {
  const lines = curves.slice(0, 12).map(({ label, metric, track }) => {
    const { values, length } = track.series;
    return t('{0} last {1}', label, exactText(metric, values[length - 1] ?? NaN));
  });
  return t(
    '{0} from {1} to {2}: {3}',
    card.title,
    xWords(axis, range[0]),
    xWords(axis, range[1]),
    lines.join('; '),
  );
}

/** Calls `listen` at each change of a signal from now on. */
function onChange(signal: ReadonlySignal<unknown>, listen: () => void): () => void {
  let isFirst = true;
  return signal.subscribe(() => {
    if (!isFirst) listen();
    isFirst = false;
  });
}

/** Asks for a drawing: in the next frame, where another tab is in sight when there is time, but no later than its own is. */
function useDrawing(drawn: Drawn): () => void {
  const { isSeen } = useTab();
  const stop = useRef<(() => void) | null>(null);
  const draw = (): void => {
    stop.current?.();
    stop.current = null;
    if (isSeen.peek()) return drawSoon(drawn);
    stop.current = whenIdle(() => {
      stop.current = null;
      if (!drawn.draw(performance.now() + 16)) draw();
    }, false);
  };
  useEffect(() => {
    const end = onChange(isSeen, () => stop.current && draw());
    return () => {
      end();
      stop.current?.();
    };
  }, []);
  return draw;
}

/** Runs `draw` when asked and the element is on the screen or nearly so, or once it comes there: what is not is not drawn. */
function useInView(element: { current: HTMLElement | null }, isThere: boolean, draw: () => void): () => void {
  // As long as the browser has not said where it is, it may be in sight.
  const isInView = useRef(true);
  const isMissed = useRef(false);
  useEffect(() => {
    if (!element.current) return;
    const observer = new IntersectionObserver(
      (entries) => {
        isInView.current = entries.at(-1)!.isIntersecting;
        if (isMissed.current) drawIfInView();
      },
      { rootMargin: '200px' },
    );
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [isThere]);
  const drawIfInView = (): void => {
    isMissed.current = !isInView.current;
    if (isInView.current) draw();
  };
  return drawIfInView;
}
