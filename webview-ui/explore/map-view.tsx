import { signal } from '@preact/signals';
import type { VNode } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { shareRamp } from './attention-map.ts';
import type { EmbeddingMap, MapAsk, MapPoint } from '../../src/protocol/inference.ts';
import { counted, percent } from '../../src/text/numbers.ts';
import { t } from '../../src/text/say.ts';
import { Button, Select } from '../controls/controls.tsx';
import { theme } from '../model/theme.ts';
import { asking, drawMap as ask, map, searchByImage } from './explore-model.ts';
import { coloursOf, type MapColours } from './map-colours.ts';
import { drawMap, placesIn, pointAt } from './map-drawing.ts';
import { ModelProgressBar } from './model-progress.tsx';
import { Thumbnail, useThumbnails } from './thumbnails.tsx';

const height = 420;
const noColumn = '';

/** What was clicked stays beside the map. */
const chosen = signal<MapPoint | null>(null);

/** Images and captions of the validation side as points of a plane. */
export function EmbeddingMapView(): VNode {
  const found = map.value;
  return (
    <section aria-label={t('Map')}>
      <h2>{t('Map')}</h2>
      <p class="muted">
        {t(
          'Images and captions of the validation side in the plane: what the model takes for alike lies together.',
        )}
      </p>
      {found ? <Choices found={found} /> : <First />}
      <ModelProgressBar call="map" doing={t('Computing the map')} />
      {found && <Drawn found={found} />}
    </section>
  );
}

function First(): VNode {
  const isBusy = asking.value.includes('map');
  return (
    <Button secondary disabled={isBusy} onClick={() => void ask({ method: 'pca', column: null })}>
      {isBusy ? t('Computing…') : t('Draw the map')}
    </Button>
  );
}

function Choices({ found }: { found: EmbeddingMap }): VNode {
  const { method, column, columns } = found;
  return (
    <div class="map-choices">
      <Select
        label={t('Map by')}
        value={method}
        options={[
          { value: 'pca', label: 'PCA' },
          { value: 'umap', label: 'UMAP' },
        ]}
        onChange={(value) => void ask({ method: value as MapAsk['method'], column })}
      />
      <Select
        label={t('Colour by')}
        value={column ?? noColumn}
        options={[
          { value: noColumn, label: t('images and captions') },
          ...columns.map((name) => ({ value: name, label: t('coloured by {0}', name) })),
        ]}
        width="wide"
        onChange={(name) => void ask({ method, column: name === noColumn ? null : name })}
      />
    </div>
  );
}

function Drawn({ found }: { found: EmbeddingMap }): VNode {
  const { points } = found;
  const { background, muted, foreground } = theme.value;
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const [hovered, setHovered] = useState<number | null>(null);
  useEffect(() => {
    const observer = new ResizeObserver(() => setWidth(canvas.current?.clientWidth ?? 0));
    observer.observe(canvas.current!);
    return () => observer.disconnect();
  }, []);
  const colours = useMemo(() => coloursOf(points, background, muted), [points, background, muted]);
  const places = useMemo(() => placesIn(points, width, height), [points, width]);
  const shown = hovered === null ? chosen.value : points[hovered]!;
  const ringed = shown ? points.indexOf(shown) : -1;
  useEffect(() => {
    if (width > 0)
      drawMap(canvas.current!, points, places, colours.of, ringed < 0 ? null : ringed, foreground);
  }, [points, places, colours, ringed, foreground, width]);
  const at = (event: MouseEvent): number | null => pointAt(places, event.offsetX, event.offsetY);
  return (
    <div class="map">
      <canvas
        ref={canvas}
        role="img"
        aria-label={t('{0} images and captions', counted(points.length))}
        onMouseMove={(event) => setHovered(at(event))}
        onMouseLeave={() => setHovered(null)}
        onClick={(event) => {
          const place = at(event);
          chosen.value = place === null ? null : points[place]!;
        }}
      />
      <div class="map-side">
        <Legend colours={colours} column={found.column} />
        <p class="muted">{inWords(found)}</p>
        {shown ? (
          <Point point={shown} />
        ) : (
          <p class="muted">{t('Point at one to see it; click to keep it.')}</p>
        )}
      </div>
    </div>
  );
}

function Legend({
  colours: { legend, scale },
  column,
}: {
  colours: MapColours;
  column: string | null;
}): VNode {
  return (
    <div class="map-legend">
      {column !== null && <strong>{column}</strong>}
      {scale && (
        <span class="map-scale">
          {scale[0]}
          <span class="map-ramp" style={{ background: shareRamp }} />
          {scale[1]}
        </span>
      )}
      {legend.map(({ colour, text }) => (
        <span key={text} class="map-name">
          <span class="map-colour" style={{ background: colour }} />
          {text}
        </span>
      ))}
      <span class="muted">{t('■ image  ● caption')}</span>
    </div>
  );
}

function Point({ point }: { point: MapPoint }): VNode {
  useThumbnails(point.file === null ? [] : [point.file]);
  return (
    <div class="map-point">
      {point.file !== null && <Thumbnail path={point.file} alt={point.image} />}
      <p class="caption">{point.caption}</p>
      <p class="path muted" title={point.image}>
        {point.image}
      </p>
      {point.value !== null && <p class="muted">{point.value}</p>}
      {point.file !== null && (
        <Button secondary onClick={() => searchByImage(point.file!)}>
          {t('Search by this image')}
        </Button>
      )}
    </div>
  );
}

/** How the map was made, and what of the data it shows. */
function inWords({ explained, umap, pairs, sampled }: EmbeddingMap): string {
  const made = explained
    ? t('PCA: the two axes hold {0} and {1} of the variance.', percent(explained[0]), percent(explained[1]))
    : umap &&
      t(
        'UMAP: {0} neighbours, least distance {1}, {2} epochs, seed {3}. Only what is near means something.',
        umap.neighbors,
        umap.minDist,
        umap.epochs,
        umap.seed,
      );
  const cut =
    sampled < pairs
      ? t('{0} of {1} validation pairs, spread evenly.', counted(sampled), counted(pairs))
      : t('All {0} validation pairs.', counted(pairs));
  return `${made ?? ''} ${cut}`;
}
