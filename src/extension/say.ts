/**
 * Texts that a person reads, in their language. `vscode.l10n.t` is set at activation; until then (and in tests of pure
 * parts) the English text stands. `{0}` is replaced by the first argument, as in VS Code.
 */
export function t(message: string, ...args: (string | number)[]): string {
  return translate(message, ...args);
}

type Translate = (message: string, ...args: (string | number)[]) => string;

const fill: Translate = (message, ...args) =>
  message.replace(/\{(\d+)\}/g, (whole, index: string) => String(args[Number(index)] ?? whole));

let translate = fill;

/** Takes translations from here on. */
export function useTranslations(source: Translate): void {
  translate = source;
}
