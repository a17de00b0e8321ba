import type { ComponentChildren, VNode } from 'preact';
import { meaningOf } from '../../src/analysis/terms.ts';

/** Words of the field that say what they mean when pointed at. */
export function Term({ of: term, children }: { of: string; children: ComponentChildren }): VNode {
  const meaning = meaningOf(term);
  return meaning ? (
    <abbr class="term" title={meaning}>
      {children}
    </abbr>
  ) : (
    <>{children}</>
  );
}
