import * as z from 'zod';
import { otherName, recallName } from './metric-names.ts';
import { experimentSchema } from './schema.ts';
import type { KeyMeta } from './key.ts';
import { sweepOptionsSchema } from './sweep-section.ts';
import { t } from '../../text/say.ts';
import { defaultOf, settings, sweepableSettings, type Setting } from './settings.ts';

/** What is said about a key that JSON schema has no word for. */
const ownMeta: Record<Exclude<keyof KeyMeta, 'description'>, true> = {
  label: true,
  unit: true,
  usual: true,
  control: true,
  defaultText: true,
  sweepable: true,
  basic: true,
  forms: true,
};

type Json = Record<string, unknown>;

/** JSON schema (draft 7, which editors read) of the experiment file, made from the zod schema; a swept key takes a list of what the key itself takes. */
export function experimentJsonSchema(): object {
  const schema = z.toJSONSchema(experimentSchema, { ...asInput, unrepresentable: 'any' }) as Json;
  forEditors(schema, '');
  const properties = schema.properties as Record<string, Json>;
  properties.sweep = sweepSchema(schema);
  schema.title = t('Tandem experiment');
  schema.patternProperties = { '^x-': { description: t('Not read; for anchors that merge keys (<<) use.') } };
  return schema;
}

const asInput = { io: 'input', target: 'draft-7' } as const;

/** Metadata of ours becomes what editors show: a title, a description with unit and usual values, examples. */
function forEditors(node: Json, path: string): void {
  const setting = settings.get(path);
  if (setting) {
    node.description = described(setting);
    const examples = setting.usual.map((one) => plain(one.value));
    if (examples.length) node.examples = examples;
  }
  if (setting) shaped(node, setting);
  if (typeof node.label === 'string') node.title = t(node.label);
  for (const name of Object.keys(ownMeta)) delete node[name];
  const properties = (node.properties ?? {}) as Record<string, Json>;
  for (const [name, child] of Object.entries(properties)) forEditors(child, path ? `${path}.${name}` : name);
  // Nothing behind a section's colon: its defaults, where all of its keys have one.
  if (path && !node.required && node.type === 'object') node.type = ['object', 'null'];
}

/** What the parser takes or refuses beyond the type that zod tells. */
function shaped(node: Json, setting: Setting): void {
  if (setting.wants === 'duration') {
    const isPositive = !setting.schema.safeParse(0).success;
    node.anyOf = [
      { type: 'integer', minimum: isPositive ? 1 : 0 },
      { type: 'string', pattern: (isPositive ? notZero : '') + length },
    ];
  } else if (setting.path === 'checkpoint.best' || setting.path === 'sweep.stop_early.metric')
    node.anyOf = [{ type: 'string', pattern: `${recallName.source}|${otherName.source}` }, { type: 'null' }];
  else if (setting.wants === 'text') {
    // A plain number is read as its text: name: 2024.
    const kinds = (node.anyOf as Json[] | undefined) ?? [node];
    for (const kind of kinds)
      if (kind.type === 'string') {
        Object.assign(kind, textOrNumber(kind.pattern as string | undefined));
        // One character, so one digit.
        if (kind.maxLength === 1) Object.assign(kind, { minimum: 0, maximum: 9, multipleOf: 1 });
      }
  }
}

/** A text, or a plain number where the text that it stands for is one that is taken. */
function textOrNumber(pattern: string | undefined): Json {
  const takes = (text: string) => pattern === undefined || new RegExp(pattern, 'u').test(text);
  if (!takes('1')) return { type: 'string' };
  const least = takes('-1') ? {} : { minimum: takes('0') ? 0 : 1 };
  return { type: ['string', takes('1.5') ? 'number' : 'integer'], ...least };
}

const number = '(\\d+(\\.\\d*)?|\\.\\d+)([eE][-+]?\\d+)?';
const length = [
  '\\d+(\\.0*)?([eE]\\+?\\d+)?\\s*(steps?)?',
  `${number}\\s*(epochs?|samples?)`,
  '0*(100(\\.0*)?|\\d{1,2}(\\.\\d*)?|\\.\\d+)\\s*%',
]
  .map((one) => `^\\s*${one}\\s*$`)
  .join('|')
  .replace(/^(.*)$/, '(?:$1)');
const notZero = '^(?!\\s*[0.]+([eE][-+]?\\d+)?\\s*(%|[a-z]*)\\s*$)';

function described(setting: Setting): string {
  const parts = [t(setting.description)];
  if (setting.unit) parts.push(t('Unit: {0}.', t(setting.unit)));
  if (setting.defaultText) parts.push(t('Default: {0}.', defaultOf(setting)));
  if (setting.usual.length)
    parts.push(
      t('Usual: {0}.', setting.usual.map((one) => t('{0} ({1})', one.value, t(one.source))).join('; ')),
    );
  return parts.join(' ');
}

function plain(text: string): unknown {
  const value = Number(text);
  if (text !== '' && Number.isFinite(value)) return value;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // A word, as it is written in YAML.
    return text;
  }
}

function sweepSchema(schema: Json): Json {
  const properties: Record<string, Json> = {
    seeds: {
      description: t('Each trial is run once with each seed.'),
      type: 'array',
      minItems: 1,
      items: { type: 'integer', minimum: 0, maximum: 4294967295 },
      examples: [[0, 1, 2]],
    },
  };
  for (const setting of sweepableSettings) {
    const { default: _default, ...items } = at(schema, setting.path);
    void _default;
    const list = { type: 'array', minItems: 1, items };
    properties[setting.path] = {
      description: t(setting.description),
      anyOf: [list, ...drawn(setting, list)],
    };
  }
  const options = z.toJSONSchema(sweepOptionsSchema, asInput) as Json;
  for (const [name, option] of Object.entries(options.properties as Record<string, Json>)) {
    forEditors(option, `sweep.${name}`);
    properties[name] = option;
  }
  return {
    title: t('Sweep'),
    description: t(settings.get('sweep')!.description),
    anyOf: [{ type: 'null' }, { type: 'object', additionalProperties: false, properties }],
  };
}

/** The distributions that a setting can be drawn from. */
function drawn({ wants }: Setting, list: Json): Json[] {
  const isNumber = wants === 'number' || wants === 'whole';
  const bounds = { type: 'array', minItems: 2, maxItems: 2, items: { type: 'number' } };
  const wholes = { ...bounds, items: { type: 'integer' } };
  const kinds: Record<string, Json> = {
    ...(isNumber && { log_uniform: bounds, uniform: bounds }),
    ...((isNumber || wants === 'duration') && { integer: wholes }),
    choice: list,
  };
  return Object.entries(kinds).map(([kind, value]) => ({
    type: 'object',
    additionalProperties: false,
    required: [kind],
    properties: { [kind]: value },
  }));
}

function at(schema: Json, path: string): Json {
  return path
    .split('.')
    .reduce<Json>((node, part) => (node.properties as Record<string, Json>)[part] ?? {}, schema);
}
