/** Texts by their English wording. */
export type Texts = Readonly<Record<string, string>>;

const english = 'en';

let texts: Texts = {};
let code = english;

/** Takes the texts of another language from here on; a program calls it once, when it starts. */
export function useTexts(translated: Texts, language: string): void {
  texts = translated;
  code = language;
}

/** The language that texts are in, for dates. */
export const language = (): string => code;

/**
 * A text that a person reads, in their language; where there is none, in English. `{0}` stands for the first argument, as in VS Code's
 * `l10n.t`, whose bundles hold the texts.
 */
export function t(message: string, ...args: (string | number)[]): string {
  return (texts[message] ?? message).replace(/\{(\d+)\}/g, (whole, index: string) =>
    String(args[Number(index)] ?? whole),
  );
}
