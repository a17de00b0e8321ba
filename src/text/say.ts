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
  return filled(texts[message] ?? message, args);
}

/**
 * The message with what stands for its placeholders. Chinese has a space beside Latin letters and digits, and none between its own
 * characters: where a placeholder turns out to be Chinese, the space beside it goes.
 */
function filled(message: string, args: readonly (string | number)[]): string {
  return message.replace(
    /( ?)\{(\d+)\}( ?)/g,
    (whole: string, before: string, index: string, after: string, at: number) => {
      const arg = args[Number(index)];
      if (arg === undefined) return whole;
      const text = String(arg);
      const isJoined = (one: string | undefined, other: string | undefined): boolean =>
        one !== undefined && other !== undefined && han.test(one) && han.test(other);
      const start = isJoined(message[at - 1], text[0]) ? '' : before;
      const end = isJoined(text.at(-1), message[at + whole.length]) ? '' : after;
      return start + text + end;
    },
  );
}

const han = /\p{Script=Han}/u;

/**
 * A text that is kept in a file or thrown: its English wording and what stands for its placeholders, so that whoever reads it
 * later has it in their own language. What stands for a placeholder may be such a text itself.
 */
export interface Said extends ReadonlyArray<string | number | Said> {
  /** The English wording. */
  readonly 0: string;
}

export const said = (message: string, ...args: (string | number | Said)[]): Said => [message, ...args];

/** A kept text in the language of the reader. */
export const textOf = (kept: string | Said): string => worded(kept, texts);

/** A kept text in English, as files have it for programs and readers of other versions. */
export const englishOf = (kept: string | Said): string => worded(kept, {});

function worded(kept: string | Said, from: Texts): string {
  if (typeof kept === 'string') return kept;
  const [message, args] = [kept[0], kept.slice(1)];
  return filled(
    from[message] ?? message,
    // What a damaged file gave may be something else than its type says.
    args.map((arg) => (Array.isArray(arg) ? worded(arg as unknown as Said, from) : (arg as string | number))),
  );
}

/** A record whose texts have their kept form beside them, each under its name, with the texts in the reader's language. */
export function inLanguage<T extends object>(record: T & { said?: Readonly<Record<string, Said>> }): T {
  const texts = Object.entries(record.said ?? {})
    // Of a text that was written anew since, the kept form is of the one before.
    .filter(([name, kept]) => (record as Record<string, unknown>)[name] === englishOf(kept))
    .map(([name, kept]) => [name, textOf(kept)]);
  return texts.length ? { ...record, ...(Object.fromEntries(texts) as Record<string, string>) } : record;
}
