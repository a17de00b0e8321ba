import type { VNode } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { IconButton } from './icon.tsx';

export interface MenuItem {
  label: string;
  onChoose: () => void;
}

/** A button that opens a list of commands; arrow keys, Escape and leaving it work as in other menus. */
export function Menu({ label, items }: { label: string; items: MenuItem[] }): VNode {
  const [isOpen, setOpen] = useState(false);
  const list = useRef<HTMLDivElement>(null);
  const buttons = (): HTMLElement[] => [...(list.current?.querySelectorAll<HTMLElement>('button') ?? [])];
  // Before anything is painted: the next key already belongs to the list.
  useLayoutEffect(() => {
    if (isOpen) buttons()[0]?.focus();
  }, [isOpen]);
  const close = (): void => {
    setOpen(false);
    list.current?.parentElement?.querySelector<HTMLElement>('button')?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const all = buttons();
    const at = all.indexOf(document.activeElement as HTMLElement);
    if (event.key === 'Escape') close();
    else if (event.key === 'ArrowDown') all[(at + 1) % all.length]?.focus();
    else if (event.key === 'ArrowUp') all[(at - 1 + all.length) % all.length]?.focus();
    else return;
    event.preventDefault();
  };
  const leave = (event: FocusEvent): void => {
    if (!(event.currentTarget as HTMLElement).contains(event.relatedTarget as Node | null)) setOpen(false);
  };
  return (
    <div class="menu" onFocusOut={leave}>
      <IconButton name="more" label={label} pressed={isOpen} onClick={() => setOpen(!isOpen)} />
      {isOpen && (
        <div class="menu-list" role="menu" aria-label={label} ref={list} onKeyDown={onKeyDown}>
          {items.map((item) => (
            <button
              key={item.label}
              type="button"
              role="menuitem"
              onClick={() => {
                close();
                item.onChoose();
              }}
            >
              {item.label}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
