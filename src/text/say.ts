/** Texts by their English wording. */
export type Texts = Readonly<Record<string, string>>;

let texts: Texts = {};

/** Takes the texts of another language from here on; a program calls it once, when it starts. */
export function useTexts(translated: Texts): void {
  texts = translated;
}

/**
 * A text that a person reads, in their language; where there is none, in English. `{0}` stands for the first argument, as in VS Code's
 * `l10n.t`, whose bundles hold the texts.
 */
export function t(message: string, ...args: (string | number)[]): string {
  return (texts[message] ?? message).replace(/\{(\d+)\}/g, (whole, index: string) =>
    String(args[Number(index)] ?? whole),
  );
}
