import ts from 'typescript';
import { expect, test } from 'vitest';
import { plainTexts } from './plain-texts.ts';
import { sourcesOf, translated } from './sources.ts';

/** What has several words and is no text of ours to a person: where it stands, which literals of the file (all without), and why. */
const exceptions: [file: RegExp, text: RegExp | null, why: string][] = [
  [/^src\/experiment\/resolve\.ts$/, null, 'reasons of defaults in config.json, which nobody is shown'],
  [
    /^src\/inference\/export\/((onnx|safetensors)-readme|side-code)\.ts$/,
    null,
    'leaves with the model, for any reader',
  ],
  [/^src\/inference\/export\/write-onnx\.ts$/, /^opset /, 'for that README'],
  [/^src\/inference\/export\/write-projector\.ts$/, /^(kind|embeddings \{|# Embeddings)/, 'the same'],
  [/^src\/launcher\/(slurm|ssh)\//, null, 'shell scripts and their comments'],
  [/^src\/(trainer|inference)\/main\.ts$/, /^(trainer|inference)\.js RUN_FOLDER/, 'usage of inner programs'],
  [/^src\/onnx-backend\/(passes|proto\.ts)/, null, 'names of operators, a schema, faults of ours'],
  [
    /^src\/onnx-backend\/(export\/(symbolic|older)|join|lowering|ops|placement|capture|device-arrays)/,
    null,
    'faults of ours',
  ],
  [
    /^src\/trainer\/(step|model|evaluation|engines\/eager|frozen\/transformers)/,
    null,
    'faults of ours, names',
  ],
  [/^src\/trainer\/run\.ts$/, /^the run was asked to stop$/, 'caught where it was asked'],
  [/^src\/data\/(columns|pair-builder|captions\/tokenizer\.ts|loader)/, null, 'faults of ours'],
  [/^src\/data\/prefetch\.ts$/, /^No longer wanted\.$/, 'caught where it was not wanted'],
  [
    /^src\/data\/images\/(cache|images|preprocessing)\.ts$/,
    /^(picture cache|, short side|sharp )/,
    'parts of keys of caches',
  ],
  [
    /^src\/store\/(safetensors|tensorboard\/(decode|proto-cursor))\.ts$/,
    null,
    'faults of ours, or caught there',
  ],
  [/^src\/store\/process-identity\.ts$/, /^\(Get-Process/, 'PowerShell'],
  [/^src\/trainer\/machine\/(windows-gpus|mac-gpus|user-folders)\.ts$/, null, 'what the system calls things'],
  [
    /^src\/trainer\/(machine\/linux-gpus|engines\/(provider-device|software-drivers))\.ts$/,
    null,
    'names of devices',
  ],
  [/^src\/trainer\/timing\/timed-sizes\.ts$/, null, 'kept on the disk beside what was measured'],
  [/^src\/data\/readers\/json-text\.ts$/, /^position \{\}$/, 'what JSON.parse says'],
  [/^src\/weights\/hub(-file)?\.ts$/, /^(blob|Bearer) /, 'a header, and what a hash begins with'],
  [/^src\/trainer\/frozen\/o(pen-frozen|wn-encoder)\.ts$/, /^(random|captions) \{\}$/, 'keys'],
  [/^src\/analysis\/added-plots\.ts$/, /against \{\}$/, 'a key'],
  [/^src\/(launcher\/report|extension\/(panel\/panels|status-bar))\.ts$/, /^Tandem[:,] \{\}$/, 'our name'],
  [/^src\/launcher\/(caches|plan)\.ts$/, /^(\{\} px$|--set \{\}=)/, 'a unit, and what was typed'],
  [/^src\/launcher\/cli\/program\.ts$/, /^error: \{\}/, 'commander takes it off; its own is looked up'],
  [/^src\/experiment\/parse\/(move-key|not-a-section)\.ts$/, /^\{ image: /, 'YAML'],
  [/^webview-ui\/plots\/(curve-controller|reference-line)\.ts$/, /^\{\}px \{\}$/, 'a font'],
  [/^src\/trainer\/long-run\.ts$/, /^model\./, 'YAML'],
  [
    /^src\/extension\/commands\/experiment-text\.ts$/,
    /^(name: |(image|caption)_column: )/,
    'YAML; its comment is looked up',
  ],
  [/^src\/experiment\/editor\/complete(-values)?\.ts$/, /^[[{]/, 'YAML'],
  [/^src\/experiment\/schema\/notify-section\.ts$/, /^notify-send/, 'a command'],
  [/^src\/launcher\/cli\/run-to-end\.ts$/, /^tandem resume/, 'a command'],
  [
    /^src\/extension\/commands\/finished-model\.ts$/,
    /^a photo of a \{\}$/,
    'an example of what a file holds',
  ],
  [/^src\/extension\/commands\/new-experiment\.ts$/, /^(csv|json), /, 'endings of files'],
  [/^src\/text\/first-bytes\.ts$/, /^SQLite format 3/, 'a signature'],
  [/^src\/text\/settings\.ts$/, /^(batch size|weight decay|learning rate)$/, 'endings of keys'],
  [/^src\/launcher\/trainer-log\.ts$/, /^--- trainer started/, 'a line that is looked for'],
  [/^src\/launcher\/notify\/send\.ts$/, /^application\/json/, 'a header'],
  [
    /^src\/protocol\/panel-html\.ts$/,
    /^((img|style|font)-src|<!DOCTYPE)/,
    'a policy, a title that is our name',
  ],
  [/^src\/analysis\/(figures\/picture|report\/report-style)\.ts$/, null, 'style sheets'],
  [/^webview-ui\/explore\/attention-map\.ts$/, /^linear-gradient/, 'a style'],
  [/^webview-ui\/plots\/legend\.tsx$/, /^(\{\} \{\}px|repeating-linear-gradient)/, 'a style'],
  [/^webview-ui\/plots\/seed-groups\.ts$/, /^seeds of/, 'a key'],
  [/^webview-ui\/runs\/runs-table\.tsx$/, /^tbody input$/, 'a selector'],
];

test('every sentence in the sources is asked of the table of texts', () => {
  const used = new Set<string>();
  const left = sourcesOf(translated)
    .flatMap(plainTexts)
    .filter(({ file, text }) => {
      const known = exceptions.find(([where, what]) => where.test(file) && (!what || what.test(text)));
      if (known) used.add(known.join());
      return !known;
    });
  expect(left.map(({ file, line, text }) => `${file}:${line}: ${text}`)).toEqual([]);
  expect(
    exceptions.filter((one) => !used.has(one.join())),
    'nothing of the kind any more',
  ).toEqual([]);
});

test('sentences are found wherever they may stand, and nothing else', () => {
  const found = (code: string): string[] =>
    plainTexts(ts.createSourceFile('some.tsx', code, ts.ScriptTarget.Latest, true)).map(({ text }) => text);
  expect(found("throw new HumanError('The disk is full.', said('Free some space.'), 'disk_full');")).toEqual([
    'The disk is full.',
  ]);
  expect(found('vscode.window.showWarningMessage(`The run ${name} has ended.`)')).toEqual([
    'The run {} has ended.',
  ]);
  expect(found("const items = [{ label: t('Open it'), description: 'in the editor' }];")).toEqual([
    'in the editor',
  ]);
  expect(found('<button class="tool wide" aria-label="show the plot">Add a plot</button>')).toEqual([
    'show the plot',
    'Add a plot',
  ]);
  expect(found('`<p class="a b" title="What it means">${x}</p><h2>No runs yet</h2>`')).toHaveLength(1);
  expect(found("t(few ? '{0} of them' : 'all of them', plural(n, '{0} run here', '{0} runs here'))")).toEqual(
    [],
  );
  expect(found("plural(n, t('one of them'), 'many of them')")).toEqual([]);
  expect(
    found(
      "import x from 'a b'; if (said === 'not so' || text.startsWith('so far')) console.log('to the log');",
    ),
  ).toEqual([]);
});
