import type { Section, Setting } from '../schema/settings.ts';

/** What is known of a setting, as Markdown: meaning, unit, default, usual values with their source. */
export function describeSetting(setting: Setting): string {
  const lines = [setting.description];
  const facts: string[] = [];
  if (setting.unit) facts.push(`Unit: ${setting.unit}.`);
  if (setting.choices) facts.push(`One of ${[...setting.choices, ...setting.forms].map(code).join(', ')}.`);
  if (setting.defaultText) facts.push(`Default: ${code(setting.defaultText)}.`);
  else if (!setting.nullable) facts.push('Required.');
  if (facts.length) lines.push(facts.join(' '));
  if (setting.usual.length)
    lines.push(
      `Usual values:\n${setting.usual.map((one) => `- ${code(one.value)}: ${one.source}`).join('\n')}`,
    );
  return lines.join('\n\n');
}

/** What a section holds, as Markdown. */
export function describeSection(section: Section): string {
  const keys = [...section.children].map(([name, child]) => `- ${code(name)}: ${inShort(child)}`);
  return `${section.description}\n\n${keys.join('\n')}`;
}

/** The first sentence of what a key means, and its default. */
function inShort(child: Setting | Section): string {
  const [sentence = ''] = /^.*?\.(?= |$)/.exec(child.description) ?? [];
  const { defaultText } = { defaultText: '', ...child };
  return defaultText ? `${sentence} Default: ${code(defaultText)}.` : sentence;
}

export const code = (text: string): string => `\`${text.replaceAll('`', '')}\``;
