/** An SVG element, to be written as text (the report) or drawn by a framework (the panel). Texts are plain text, never markup. */
export interface SvgNode {
  tag: string;
  attributes: Record<string, string | number>;
  children: (SvgNode | string)[];
}

export const element = (
  tag: string,
  attributes: Record<string, string | number>,
  ...children: (SvgNode | string)[]
): SvgNode => ({ tag, attributes, children });

/** The element as markup. Classes are `figure-…`; colours that are not given come from the stylesheet. */
export function markupOf(node: SvgNode | string): string {
  if (typeof node === 'string') return escaped(node);
  const attributes = Object.entries(node.attributes).map(
    ([name, value]) => ` ${name}="${escaped(String(value))}"`,
  );
  return `<${node.tag}${attributes.join('')}>${node.children.map(markupOf).join('')}</${node.tag}>`;
}

/** Text that stands in markup or an attribute. */
export const escaped = (text: string): string =>
  text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;');

/** Two decimals are finer than a screen's pixels. */
export const px = (value: number): number => Math.round(value * 100) / 100;
