import fc from 'fast-check';
import {
  isSection,
  root,
  settings,
  sweepableSettings,
  type Section,
  type Setting,
} from '../../src/experiment/schema/settings.ts';
import { yamlText } from '../../src/experiment/edit/yaml-text.ts';

/** A made-up experiment file: its text, the comments in it, and the values by dotted key. */
export interface MadeFile {
  text: string;
  comments: string[];
  values: Record<string, unknown>;
}

const texts = [
  'pairs.csv',
  'no',
  'true',
  '12',
  '1e-3',
  'a b',
  'x: y',
  '# not a comment',
  'a, b',
  "it's",
  '"q"',
  '🐼 bär',
  '{x}',
  '~',
  '-',
  'C:\\data',
  ' edge ',
  'null',
  '100 steps',
  '',
];

/** A valid value of a setting. */
export function valueOfSetting(setting: Setting): fc.Arbitrary<unknown> {
  const usual = setting.usual.map((one) => one.value);
  switch (setting.wants) {
    case 'boolean':
      return fc.boolean();
    case 'choice':
      return fc.constantFrom(...setting.choices!);
    case 'duration':
      return fc.constantFrom('5%', '100 steps', '1 epoch', 7, '2.5 epochs', '10000 samples');
    case 'wholes':
      return fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 4 });
    case 'range':
      return fc.constantFrom([0.8, 1], [0.25, 0.5], [1e-3, 1]);
    case 'text':
      return fc.constantFrom(
        ...texts.filter((text) => setting.schema.safeParse(text).success),
        ...usual.filter((one) => !/["\\]/.test(one)),
      );
    default:
      return fc
        .constantFrom(0, 1, 2, 3, 17, 64, 224, 0.1, 0.25, 1e-3, 2e-5, 3.5e-7, 0.999, 1e-8)
        .filter((value) => setting.schema.safeParse(value).success);
  }
}

export const anySetting = fc.constantFrom(
  ...[...settings.values()].filter((one) => !one.path.startsWith('sweep')),
);

/** One way of writing: line breaks, indentation, brackets, comments, quotes, drawn from a list of small numbers. */
class Pen {
  readonly comments: string[] = [];
  private at = 0;
  constructor(
    private readonly choices: readonly number[],
    readonly newline: string,
    readonly step: number,
  ) {}
  pick(count: number): number {
    return (this.choices[this.at++ % this.choices.length] ?? 0) % count;
  }
  comment(): string {
    if (this.pick(4) !== 0) return '';
    const text = `# note ${this.comments.length}: ${['plain', '🐼', 'a: b', '[1, 2', "it's"][this.pick(5)]}`;
    this.comments.push(text);
    return `  ${text}`;
  }
  value(value: unknown): string {
    if (typeof value === 'string' && this.pick(3) === 0) return JSON.stringify(value);
    if (typeof value === 'string' && this.pick(5) === 0) return `'${value.replaceAll("'", "''")}'`;
    return yamlText(value);
  }
}

export const madeFile: fc.Arbitrary<MadeFile> = fc
  .record({
    chosen: fc.uniqueArray(anySetting, { maxLength: 14, selector: (one) => one.path }),
    swept: fc.uniqueArray(fc.constantFrom(...sweepableSettings), {
      maxLength: 3,
      selector: (one) => one.path,
    }),
    choices: fc.array(fc.nat({ max: 59 }), { minLength: 20, maxLength: 60 }),
    newline: fc.constantFrom('\n', '\r\n'),
    step: fc.constantFrom(2, 4, 3),
    lead: fc.constantFrom('', '\ufeff', '# head\n', '---\n', '%YAML 1.1\n---\n'),
    tail: fc.constantFrom('', '\n', '\n# tail\n'),
  })
  .chain((shape) =>
    fc
      .record({
        values: fc.tuple(...shape.chosen.map(valueOfSetting)),
        lists: fc.tuple(
          ...shape.swept.map((one) => fc.array(valueOfSetting(one), { minLength: 1, maxLength: 3 })),
        ),
      })
      .map(({ values, lists }) => write(shape, values, lists)),
  );

type Shape = {
  chosen: Setting[];
  swept: Setting[];
  choices: number[];
  newline: string;
  step: number;
  lead: string;
  tail: string;
};

function write(shape: Shape, chosen: unknown[], lists: unknown[][]): MadeFile {
  const pen = new Pen(shape.choices, shape.newline, shape.step);
  const values: Record<string, unknown> = {};
  shape.chosen.forEach((setting, index) => (values[setting.path] = chosen[index]));
  const lines = writeSection(pen, root, values, 0);
  if (shape.swept.length) {
    lines.push(`sweep:${pen.comment()}`);
    shape.swept.forEach((setting, index) => {
      values[`sweep.${setting.path}`] = lists[index];
      lines.push(...writeList(pen, setting.path, lists[index]!));
    });
  }
  if (shape.lead.includes('head')) pen.comments.push('# head');
  if (shape.tail.includes('tail')) pen.comments.push('# tail');
  const body = lines.join('\n') + (lines.length ? shape.tail : shape.tail.trimStart());
  return { text: (shape.lead + body).replaceAll('\n', shape.newline), comments: pen.comments, values };
}

function writeList(pen: Pen, path: string, list: unknown[]): string[] {
  const space = ' '.repeat(pen.step);
  if (pen.pick(2) === 0)
    return [`${space}${path}: [${list.map((one) => yamlText(one)).join(', ')}]${pen.comment()}`];
  const dash = pen.pick(2) ? space.repeat(2) : space;
  return [
    `${space}${path}:${pen.comment()}`,
    ...list.map((one) => `${dash}- ${yamlText(one)}${pen.comment()}`),
  ];
}

function writeSection(pen: Pen, section: Section, values: Record<string, unknown>, depth: number): string[] {
  const lines: string[] = [];
  const space = ' '.repeat(pen.step * depth);
  for (const [name, child] of section.children) {
    if (!isSection(child)) {
      if (!(child.path in values)) continue;
      lines.push(
        `${space}${pen.pick(8) === 0 ? `"${name}"` : name}: ${pen.value(values[child.path])}${pen.comment()}`,
      );
      continue;
    }
    const inside = Object.keys(values).filter((path) => path.startsWith(`${child.path}.`));
    if (!inside.length) continue;
    if (pen.pick(6) === 0)
      lines.push(
        `${space}# note ${pen.comments.push(`# note ${pen.comments.length}: own line`) - 1}: own line`,
      );
    if (pen.pick(3) === 0) lines.push(...writeFlow(pen, name, child, values, space));
    else lines.push(`${space}${name}:${pen.comment()}`, ...writeSection(pen, child, values, depth + 1));
    if (pen.pick(5) === 0) lines.push('');
  }
  return lines;
}

function writeFlow(
  pen: Pen,
  name: string,
  section: Section,
  values: Record<string, unknown>,
  space: string,
): string[] {
  const entries = [...section.children.values()].flatMap((child): string[] => {
    const own = child.path.slice(child.path.lastIndexOf('.') + 1);
    if (!isSection(child)) return child.path in values ? [`${own}: ${pen.value(values[child.path])}`] : [];
    const inner = writeFlow(pen, own, child, values, '');
    const isUsed = Object.keys(values).some((path) => path.startsWith(`${child.path}.`));
    return isUsed ? [inner.join(' ')] : [];
  });
  if (space === '' && pen.pick(2) === 0 && !section.path.includes('.')) {
    const last = entries.length - 1;
    const comma = pen.pick(2) ? ',' : '';
    return [
      `${name}: {`,
      ...entries.map((entry, index) => `    ${entry}${index < last ? ',' : comma}${pen.comment()}`),
      `  }${pen.comment()}`,
    ];
  }
  return [`${space}${name}: { ${entries.join(', ')} }`];
}
