import { defaultOf, isSection, type Section, type Setting } from '../schema/settings.ts';
import { t } from '../../text/say.ts';
import { sentences } from '../../text/words.ts';

/** What is known of a setting, as Markdown: meaning, unit, default, usual values with their source. */
export function describeSetting(setting: Setting): string {
  const lines = [t(setting.description)];
  const facts: string[] = [];
  if (setting.unit) facts.push(t('Unit: {0}.', t(setting.unit)));
  if (setting.choices)
    facts.push(t('One of {0}.', [...setting.choices, ...setting.forms].map(code).join(', ')));
  if (setting.defaultText) facts.push(t('Default: {0}.', code(defaultOf(setting))));
  else if (!setting.nullable) facts.push(t('Required.'));
  if (facts.length) lines.push(sentences(facts));
  if (setting.usual.length)
    lines.push(
      `${t('Usual values:')}\n${setting.usual.map((one) => `- ${code(one.value)}: ${t(one.source)}`).join('\n')}`,
    );
  return lines.join('\n\n');
}

/** What a section holds, as Markdown. */
export function describeSection(section: Section): string {
  const keys = [...section.children].map(([name, child]) => `- ${code(name)}: ${inShort(child)}`);
  return `${t(section.description)}\n\n${keys.join('\n')}`;
}

/** The first sentence of what a key means, and its default. */
function inShort(child: Setting | Section): string {
  const [sentence = ''] = /^.*?(?:\.(?= |$)|。)/.exec(t(child.description)) ?? [];
  const isWithDefault = !isSection(child) && child.defaultText !== '';
  return isWithDefault ? t('{0} Default: {1}.', sentence, code(defaultOf(child))) : sentence;
}

export const code = (text: string): string => `\`${text.replaceAll('`', '')}\``;
