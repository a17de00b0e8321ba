import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import '@vscode-elements/elements/dist/vscode-single-select/index.js';
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import { h as createElement } from 'preact';
import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { undoKey } from '../model/undo.ts';

/** Preact's types know HTML's elements only; the properties of these are in @vscode-elements/elements' manual. */
const h = createElement as unknown as (
  tag: `vscode-${string}`,
  props: object,
  ...children: unknown[]
) => VNode;

interface ButtonProps {
  children: ComponentChildren;
  onClick: () => void;
  secondary?: boolean;
  disabled?: boolean;
  title?: string | undefined;
}

export const Button = ({ children, onClick, secondary, disabled, title }: ButtonProps): VNode =>
  h('vscode-button', { onClick: () => !disabled && onClick(), secondary, disabled, title }, children);

interface TextFieldProps {
  label: string;
  value: string;
  placeholder?: string;
  invalid?: boolean;
  disabled?: boolean;
  width?: 'narrow' | 'wide';
  /** On Enter or when the field is left, and only if the text was changed. */
  onCommit?: (text: string) => void;
  onInput?: (text: string) => void;
}

/** A text field that never overwrites what is being typed: a new `value` is shown once the field is left. */
export function TextField(props: TextFieldProps): VNode {
  const { label, value, placeholder, invalid, disabled, width = 'wide', onCommit, onInput } = props;
  const element = useRef<HTMLElement & { value: string }>(null);
  const draft = useRef(false);
  useEffect(() => {
    const field = element.current;
    if (field && !draft.current) field.value = value;
  }, [value]);
  const commit = (): void => {
    const text = element.current?.value ?? '';
    if (draft.current && text !== value) onCommit?.(text);
    else if (onCommit && element.current) element.current.value = value;
    draft.current = false;
  };
  return h('vscode-textfield', {
    ref: element,
    class: width,
    label,
    placeholder,
    invalid,
    disabled,
    onInput: (event: InputEvent) => {
      // The keys that undo came here too, after the text was handed on: it is the file's by now.
      if (!draft.current && onCommit && event.inputType?.startsWith('history')) {
        if (element.current) element.current.value = value;
        return;
      }
      draft.current = true;
      onInput?.(element.current?.value ?? '');
      if (!onCommit) draft.current = false;
    },
    onChange: commit,
    onFocusOut: commit,
    onKeyDown: (event: KeyboardEvent) => {
      if (undoKey(event) && (draft.current || !onCommit)) event.stopPropagation();
      if (event.key === 'Enter') commit();
      if (event.key !== 'Escape' || !element.current) return;
      draft.current = false;
      element.current.value = value;
    },
  });
}

interface SelectProps {
  label: string;
  value: string;
  options: { value: string; label: string }[];
  disabled?: boolean;
  width?: 'narrow' | 'wide';
  onChange: (value: string) => void;
}

export function Select({ label, value, options, disabled, width = 'narrow', onChange }: SelectProps): VNode {
  const element = useRef<HTMLElement & Pick<SelectProps, 'value' | 'options'>>(null);
  // Not as elements inside: their labels would be their inner text, and a tab that is made ahead has none.
  useLayoutEffect(() => {
    if (!element.current) return;
    element.current.options = options;
    element.current.value = value;
  }, [value, JSON.stringify(options)]);
  return h('vscode-single-select', {
    ref: element,
    class: width,
    label,
    disabled,
    onChange: () => onChange(element.current?.value ?? ''),
  });
}

interface CheckboxProps {
  label: string;
  /** Read out, where words beside the box say it already. */
  isLabelHidden?: boolean;
  checked: boolean;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
}

export function Checkbox({ label, isLabelHidden, checked, disabled, onChange }: CheckboxProps): VNode {
  const element = useRef<HTMLElement & { checked: boolean }>(null);
  useEffect(() => {
    if (element.current) element.current.checked = checked;
  }, [checked]);
  return h(
    'vscode-checkbox',
    { ref: element, checked, disabled, onChange: () => onChange(element.current?.checked ?? false) },
    createElement('span', { class: isLabelHidden ? 'sr-only' : '' }, label),
  );
}
