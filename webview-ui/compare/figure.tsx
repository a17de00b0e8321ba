import { h } from 'preact';
import type { ComponentChild, VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { SvgNode } from '../../src/analysis/figures/svg.ts';
import { t } from '../../src/text/say.ts';
import { IconButton } from '../controls/icon.tsx';
import { nameForFile, offerPicture } from '../controls/picture-dialog.tsx';
import type { WantedPicture } from '../controls/picture-dialog.tsx';

interface FigureProps {
  title: string;
  height: number;
  /** Draws for this many pixels of width. */
  draw: (width: number, height: number) => SvgNode;
  /** What its lines are, in a picture that is saved. */
  pictureKey?: WantedPicture['key'];
  /** In the card's head. */
  children?: ComponentChild;
  /** Under the drawing. */
  foot?: ComponentChild;
}

/** A drawing that fills its card's width and is drawn anew when that changes, so that its letters keep their size. */
export function Figure({ title, height, draw, pictureKey, children, foot }: FigureProps): VNode {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!box.current) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry!.contentRect.width)));
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  return (
    <section class="card figure" aria-label={title}>
      <div class="card-head">
        <h2>{title}</h2>
        {children}
        <IconButton
          name="download"
          label={t('Save {0} as a picture', title)}
          onClick={() => offerPicture({ title, key: pictureKey ?? [], draw, fileName: nameForFile(title) })}
        />
      </div>
      <div ref={box} class="figure-box">
        {width > 60 && drawn(draw(width, height))}
      </div>
      {foot}
    </section>
  );
}

/** The same figures stand in the report as text: here they become elements. */
function drawn(node: SvgNode | string): ComponentChild {
  if (typeof node === 'string') return node;
  return h(node.tag as 'g', node.attributes, ...node.children.map(drawn));
}
