#!/usr/bin/env node
import { type Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { here } from './context.ts';
import { showError } from './errors.ts';
import { exitCodes } from './exit-codes.ts';
import { speakAsAsked } from './language.ts';
import { printJson, surviveClosedPipes } from './output.ts';
import { Program } from './program.ts';
import { t } from '../../text/say.ts';

/** A command's work, loaded when it is called so that `tandem --help` stays light; resolves to the exit code. */
type Action = (...args: never[]) => Promise<number>;

surviveClosedPipes();
await speakAsAsked(process.argv.slice(2));
const tandem = new Program('tandem')
  .description(t('Train image-text models from one YAML file and compare the runs.'))
  .version(__TANDEM_VERSION__, '-V, --version', t('output the version number'))
  .addOption(
    new Option(
      '--language <code>',
      t('language of texts: en or zh-cn; that of the terminal otherwise'),
    ).argParser(languageCode),
  )
  .helpCommand('help [command]', t('display help for command'))
  .showHelpAfterError(t('(tandem --help shows the commands)'));

const json = ['--json', t('print one JSON document on standard output and nothing else')] as const;
const runArgument = ['<run>', t('id, the beginning of an id, folder, or "last"')] as const;
const set = new Option('--set <key=value>', t('use another value than the file has; may be repeated'))
  .argParser((value: string, before: string[]) => [...before, value])
  .default([], t('none'));
const launcher = new Option('--launcher <kind>', t('where runs run, in place of what the file says')).choices(
  ['local', 'slurm', 'ssh'],
);
const dryRun = [
  '--dry-run',
  t('show the script that would be sent to the scheduler, and send nothing'),
] as const;
const parallel = new Option('--parallel <runs>', t('how many runs may train at a time'))
  .argParser(wholeNumberFrom(1))
  .default(undefined, t('one here, as many as there is room for as jobs'));

const stdin = ['--stdin', t('take the text from standard input; the file is only where it stands')] as const;
command('validate <file>', t('check an experiment file and its data'))
  .option(...stdin)
  .option(...json)
  .action(act(async () => (await import('./validate.ts')).validate));
command('train <file>', t('train one run; Ctrl-C saves a checkpoint and stops'))
  .addOption(set)
  .addOption(launcher)
  .option(...dryRun)
  .option(...json)
  .action(act(async () => (await import('./train-command.ts')).train));
command('sweep <file>', t("train every setting of the file's sweep"))
  .addOption(set)
  .addOption(parallel)
  .addOption(launcher)
  .option(...dryRun)
  .option('--yes', t('also when these are more than 1000 runs'))
  .option('--anew', t('train all of them, also when an earlier sweep of the same runs was cut short'))
  .option(...json)
  .action(act(async () => (await import('./sweep-command.ts')).sweep));
command('find-lr <file>', t('look for a learning rate: train a few steps at rising rates, and keep nothing'))
  .addOption(
    new Option('--branch <branch>', t('whose rate'))
      .choices(['image', 'text', 'fusion', 'all'])
      .default('all'),
  )
  .addOption(
    new Option('--others <how>', t('at which rates the other branches learn: their own, or none'))
      .choices(['own', 'zero'])
      .default('own'),
  )
  .option('--steps <steps>', t('how many steps'), wholeNumberFrom(20), 100)
  .addOption(set)
  .option(...stdin)
  .option(...json)
  .action(act(async () => (await import('./find-rate-command.ts')).findRate));
command('preview <file>', t('show some pairs as the model sees them'))
  .option(...stdin)
  .option('--index <pair>', t('first pair to show'), wholeNumberFrom(0), 0)
  .option('--epoch <epoch>', t('epoch whose augmentation is shown'), wholeNumberFrom(0), 0)
  .option('--count <pairs>', t('how many pairs to show'), wholeNumberFrom(1), 8)
  .option(...json)
  .action(act(async () => (await import('./preview-command.ts')).preview));
command('queue <file>', t('put the runs of a file into the queue without starting them'))
  .addOption(set)
  .addOption(launcher)
  .option('--single', t("ignore the file's sweep"))
  .option(...stdin)
  .option(...json)
  .action(act(async () => (await import('./queue.ts')).queue));
command('resume', t('go on with a stopped, interrupted or failed run from its last checkpoint'))
  .argument(...runArgument)
  .option(...json)
  .action(act(async () => (await import('./resume.ts')).resume));
// What starts a run of another machine there: called in the trainer's place.
command('remote <run>', t('start a run on the machine that it was made for'), { hidden: true })
  .option('--queued', t('only when it still waits'))
  .action(act(async () => (await import('./remote.ts')).remote));
command('stop', t('let a running run save a checkpoint and end; take a queued one out of the queue'))
  .argument(...runArgument)
  .option('--grace <seconds>', t('kill it when it has not ended by then'), wholeNumberFrom(0), 30)
  .option(...json)
  .action(act(async () => (await import('./stop.ts')).stop));
command('runs [folder]', t('list the runs of a folder, newest first'))
  .option('--sizes', t('with the room that they and their caches take on the disk'))
  .option(...json)
  .action(act(async () => (await import('./runs.ts')).runs));
command(
  'clean [folder]',
  t("remove optimizers' states of finished runs and caches of decoded images and features, after asking"),
)
  .option('--yes', t('without asking'))
  .option('--dry-run', t('only show what would be removed'))
  .option(...json)
  .action(act(async () => (await import('./clean-command.ts')).clean));
command('cache [folder]', t('list what is kept so that it need not be made or fetched again, or remove it'))
  .option('--clear', t('remove it, after asking; what a run trains with stays'))
  .option('--older-than <time>', t('only what was not used for so long: 12h, 30d, 8w'), spanOf)
  .option('--models', t('models of the hub too, which other programs share'))
  .option('--yes', t('without asking'))
  .option(...json)
  .action(act(async () => (await import('./cache-command.ts')).cache));
command('show', t('show a run, or a folder of TensorBoard logs'))
  .argument(runArgument[0], t('{0}; or a folder with TensorBoard event files', runArgument[1]))
  .option(...json)
  .action(act(async () => (await import('./show.ts')).show));
command('search', t('find images by words, or captions and images by an image, with a finished model'))
  .argument(...runArgument)
  .argument('[words]', t('what the image shows'))
  .option('--image <file>', t('search by this image instead of words'))
  .option('--in <folder>', t("folder of images to search; the run's own otherwise"))
  .option('--top <count>', t('how many to show'), wholeNumberFrom(1), 10)
  .option(...json)
  .action(act(async () => (await import('./search-command.ts')).search));
command('eval', t('measure a finished model on other pairs, or by labels that it was not trained for'))
  .argument(...runArgument)
  .requiredOption('--data <file>', t('pairs to measure on, in any form that an experiment reads'))
  .option('--zero-shot <labels>', t('file of labels, one a line: the caption of each image names its label'))
  .option(
    '--templates <file>',
    t('file of sentences with {} for the label, one a line; the label alone otherwise'),
  )
  .option('--image-column <name>', t("the list's column of images, if not the run's"))
  .option('--caption-column <name>', t("the list's column of captions or labels, if not the run's"))
  .option(
    '--image-root <folder>',
    t("folder that the list's image paths start from; the list's own otherwise"),
  )
  .option(...json)
  .action(act(async () => (await import('./eval-command.ts')).evalRun));
command('notify', t('send how a run stands to the webhook or command of its settings'))
  .argument(...runArgument)
  .addOption(new Option('--follow', t('tell of its findings and its end as they come')).hideHelp())
  .addOption(new Option('--told <findings>', t('that were told before')).hideHelp())
  .action(act(async () => (await import('./notify-command.ts')).notify));
command('export', t("write a run's metrics as a table, or its finished model for other programs"))
  .argument(...runArgument)
  .addOption(
    new Option(
      '--format <format>',
      t('csv: metrics; onnx, safetensors: the model; projector: its embeddings'),
    )
      .choices(['csv', 'onnx', 'safetensors', 'projector'])
      .default('csv'),
  )
  .option(
    '-o, --output <path>',
    t('csv: file to write, standard output otherwise; others: folder, <run>-<format> otherwise'),
  )
  .option(...json)
  .action(act(async () => (await import('./export.ts')).exportRun));
command('report', t('write one HTML file with the plots and tables of some runs'))
  .argument('<run...>', t('{0}; or folders with TensorBoard event files', runArgument[1]))
  .option('-o, --output <file>', t('file to write'), 'report.html')
  .option('--metric <name>', t('metric that settings are compared by'))
  .option('--last', t("compare the metric's last value instead of its best"))
  .option(...json)
  .action(act(async () => (await import('./report-command.ts')).report));
command('diff', t('show what sets two runs apart'))
  .argument('<run>', t('{0}; or a folder with TensorBoard event files', runArgument[1]))
  .argument('<other>', t('the same of the other one'))
  .option(...json)
  .action(act(async () => (await import('./diff.ts')).diff));
command('schema', t('print the JSON schema of experiment files, for other editors')).action(
  act(async () => (await import('./schema.ts')).schema),
);
command('engines', t('list what can compute here'))
  .option(...json)
  .action(act(async () => (await import('./engines.ts')).engines));
command('engine', t('manage engines'))
  .command('install <name>')
  .description(t('install an optional engine: tensorflow, tensorflow_gpu, onnx_cuda'))
  .action(act(async () => (await import('./engines.ts')).installEngine));

try {
  await tandem.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // Help and version are not mistakes; commander has already said what is wrong with anything else.
  const asked = ['commander.helpDisplayed', 'commander.version', 'commander.help'].includes(error.code);
  process.exitCode = asked && error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  // Who asked for one document gets it, whatever went wrong.
  if (process.exitCode === exitCodes.usage && process.argv.includes('--json'))
    printJson({ error: { code: 'usage', message: error.message.replace(/^error: /, '') } });
}

function command(usage: string, description: string, options: { hidden?: boolean } = {}): Command {
  return tandem.command(usage, options).description(description);
}

/** Runs a lazily loaded action with the command's arguments, its options and where it was called. */
function act(load: () => Promise<Action>): (...args: unknown[]) => Promise<void> {
  return async (...args) => {
    const options = args.at(-2) as { json?: boolean };
    try {
      const action = (await load()) as unknown as (...args: unknown[]) => Promise<number>;
      process.exitCode = await action(...args.slice(0, -2), options, here());
    } catch (error) {
      process.exitCode = await showError(error, { json: options.json === true });
    }
  };
}

/** It was looked for before anything was said; here it is only checked. */
function languageCode(text: string): string {
  if (!/^(en|zh-cn)$/i.test(text)) throw new InvalidArgumentError(t('It must be en or zh-cn.'));
  return text;
}

/** A span of time in ms. */
function spanOf(text: string): number {
  const [, count, unit] = /^(\d{1,4})([hdw])$/.exec(text) ?? [];
  if (count === undefined)
    throw new InvalidArgumentError(t('It must be hours, days or weeks: 12h, 30d, 8w.'));
  return Number(count) * { h: 1, d: 24, w: 168 }[unit as 'h' | 'd' | 'w'] * 3_600_000;
}

function wholeNumberFrom(least: number): (text: string) => number {
  return (text) => {
    if (!/^\d{1,9}$/.test(text) || Number(text) < least)
      throw new InvalidArgumentError(t('It must be a whole number, {0} or more.', least));
    return Number(text);
  };
}
