import { Command, Help, type Argument, type ErrorOptions, type Option } from 'commander';
import stringWidth from 'string-width';
import { language, t } from '../../text/say.ts';

/** A command whose help and complaints, commander's own words among them, are in the reader's language. */
export class Program extends Command {
  constructor(name?: string) {
    super(name);
    this.exitOverride()
      .helpOption('-h, --help', t('display help for command'))
      .configureOutput({
        outputError: (text, write) => write(text.replace(/^error: /, () => t('error: '))),
      });
  }

  override createCommand(name?: string): Command {
    return new Program(name);
  }

  override createHelp(): Help {
    return Object.assign(new WideHelp(), this.configureHelp());
  }

  override error(message: string, options?: ErrorOptions): never {
    return super.error(language() === 'en' ? message : complaint(message, options?.code), options);
  }
}

/** What commander says is wrong, anew: it gives its parts only inside the sentence, each in quotes. */
function complaint(message: string, code = ''): string {
  const [first = '', second = ''] = [...message.matchAll(/'([^']*)'/g)].map(([, part]) => part!);
  const near = /\(Did you mean (?:one of )?(.+)\?\)/.exec(message)?.[1];
  const rest = /is invalid\. (.*)|for argument '[^']*'\. (.*)/s.exec(message)?.slice(1).find(Boolean) ?? '';
  const choices = /^Allowed choices are (.+)\.$/.exec(rest)?.[1];
  const why = choices === undefined ? rest : t('It must be one of {0}.', choices);
  const [, expected, got] = /Expected (\d+) .*got (\d+)/.exec(message) ?? [];
  const known: Readonly<Record<string, () => string>> = {
    'commander.missingArgument': () => t("missing required argument '{0}'", first),
    'commander.optionMissingArgument': () => t("option '{0}' argument missing", first),
    'commander.missingMandatoryOptionValue': () => t("required option '{0}' not specified", first),
    'commander.unknownOption': () => t("unknown option '{0}'", first),
    'commander.unknownCommand': () => t("unknown command '{0}'", first),
    'commander.excessArguments': () => t('too many arguments: {0} expected, {1} given', expected!, got!),
    'commander.invalidArgument': () =>
      message.startsWith('error: option')
        ? t("option '{0}' argument '{1}' is invalid. {2}", first, second, why)
        : t("'{0}' is invalid for the argument '{1}'. {2}", first, second, why),
  };
  const said = known[code];
  if (!said) return message;
  return `error: ${said()}${near === undefined ? '' : `\n${t('(Did you mean {0}?)', near)}`}`;
}

/** Columns and lines by the width that letters have in a terminal, which may be two for one. */
class WideHelp extends Help {
  override displayWidth(text: string): number {
    return stringWidth(text);
  }

  override styleTitle(title: string): string {
    const titles: Readonly<Record<string, () => string>> = {
      'Usage:': () => t('Usage:'),
      'Arguments:': () => t('Arguments:'),
      'Options:': () => t('Options:'),
      'Commands:': () => t('Commands:'),
    };
    return titles[title]?.() ?? title;
  }

  override optionDescription(option: Option): string {
    return described(option);
  }

  override argumentDescription(argument: Argument): string {
    return described(argument);
  }

  override boxWrap(text: string, width: number): string {
    if (!wide.test(text) || width < this.minWidthToWrap) return super.boxWrap(text, width);
    const lines = [''];
    for (const [piece] of text.matchAll(pieces)) {
      const line = lines.at(-1)!;
      if (line !== '' && stringWidth(line + piece) > width) lines.push(piece.trimStart());
      else lines[lines.length - 1] = line + piece;
    }
    return lines.join('\n');
  }
}

const wide = /\p{Script=Han}/u;

/** What no line is broken within: a word, or one character, with the signs that open before it and close behind it. */
const pieces =
  /\s*[（“《]*(?:\p{Script=Han}|[^\s\p{Script=Han}（“《，。；：、！？）”》]+)[，。；：、！？）”》]*/gu;

/** The description with the values that there are and the one that is taken otherwise. */
function described({
  description,
  argChoices,
  defaultValue,
  defaultValueDescription,
}: Option | Argument): string {
  const taken =
    defaultValueDescription ??
    (defaultValue === undefined || defaultValue === false
      ? undefined
      : String(defaultValue as string | number));
  const more = [
    ...(argChoices ? [t('choices: {0}', argChoices.join(t(', ')))] : []),
    ...(taken === undefined ? [] : [t('default: {0}', taken)]),
  ];
  return more.length ? t('{0} ({1})', description, more.join(t('; '))) : description;
}
