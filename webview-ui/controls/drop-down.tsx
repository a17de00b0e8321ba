import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

interface DropDownProps {
  /** Class that its own look and tests go by. */
  name: string;
  summary: ComponentChildren;
  /** Made while it is open; what it hands out closes it. */
  children: (close: () => void) => VNode;
}

/** A list of checkboxes, or a small form, to open: arrow keys go through it, Escape and a click elsewhere close it. */
export function DropDown({ name, summary, children }: DropDownProps): VNode {
  const [isOpen, setOpen] = useState(false);
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    const close = (event: Event): void => {
      if (!details.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', close);
    return () => document.removeEventListener('pointerdown', close);
  }, [isOpen]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && isOpen) {
      setOpen(false);
      details.current?.querySelector('summary')?.focus();
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const boxes = [...(details.current?.querySelectorAll<HTMLElement>('input') ?? [])];
      if (!boxes.length) return;
      const at = boxes.indexOf(document.activeElement as HTMLElement);
      const next = event.key === 'ArrowDown' ? at + 1 : at < 0 ? boxes.length - 1 : at - 1;
      boxes[(next + boxes.length) % boxes.length]!.focus();
      event.preventDefault();
    }
  };
  return (
    <details
      class={`drop-down ${name}`}
      ref={details}
      open={isOpen}
      onToggle={(event) => setOpen(event.currentTarget.open)}
      onKeyDown={onKeyDown}
    >
      <summary>{summary}</summary>
      {isOpen && children(() => setOpen(false))}
    </details>
  );
}
