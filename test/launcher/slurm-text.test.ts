import { englishOf } from '../../src/text/say.ts';
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { Launcher } from '../../src/experiment/config.ts';
import { parseExperiment } from '../../src/experiment/parse/parse.ts';
import { checkExperiment } from '../../src/experiment/checks/check.ts';
import { timeLimitSeconds } from '../../src/experiment/schema/time-limit.ts';
import { jobScript, type ScriptParts } from '../../src/launcher/slurm/script.ts';
import { standingOf } from '../../src/launcher/slurm/states.ts';

const launcherOf = (yaml: string): Launcher =>
  parseExperiment(`data: { pairs: a.csv }\nlauncher:\n  kind: slurm\n${yaml}`).experiment!.launcher;

const script = (yaml: string, more: Partial<ScriptParts> = {}): string =>
  jobScript({
    name: 'tandem-a-1',
    launcher: launcherOf(yaml),
    runsDir: "/home/ann's/.tandem/runs",
    runs: ['r-0', 'r-1'],
    isArray: true,
    nodePath: '/opt/node $1/node',
    trainerFile: '/x/trainer.js',
    environment: { A: 'it is "so" $HOME' },
    output: '/home/a b/%x.out',
    ...more,
  });

describe('the script of a job', () => {
  test('asks for what the experiment says and nothing else', () => {
    const all = `  partition: gpu,long
  account: lab
  gres: gpu:1
  cpus: 4
  memory: 32G
  time: 4:00:00
  parallel: 8
  options: |
    --qos=long
    --exclude=n7`;
    expect(
      script(all)
        .split('\n')
        .filter((line) => line.startsWith('#SBATCH')),
    ).toEqual(
      [
        '--job-name=tandem-a-1',
        '--array=0-1%8',
        '--partition=gpu,long',
        '--account=lab',
        '--gres=gpu:1',
        '--nodes=1',
        '--ntasks=1',
        '--cpus-per-task=4',
        '--mem=32G',
        '--time=4:00:00',
        '--signal=B:USR1@120',
        '--requeue',
        '--open-mode=append',
        '--output="/home/a b/%x.out"',
        '--qos=long',
        '--exclude=n7',
      ].map((option) => `#SBATCH ${option}`),
    );
    expect(script('  requeue: false')).not.toMatch(/scontrol|--requeue|--time|--array=.*%/);
  });

  test('is whole for the shell, whatever folders are called, and finds each task its run', () => {
    const text = script('  modules: cuda/12.4 node/22\n  setup: |\n    export B=1\n    ulimit -n 4096\n');
    execFileSync('bash', ['-n'], { input: text });
    expect(text).toContain('module load cuda/12.4 node/22 || exit 1\nexport B=1\nulimit -n 4096\n');
    // What stands before the log is opened, and the environment, as bash reads them.
    const lines = text.split('\n');
    const until = lines.findIndex((line) => line.startsWith('exec '));
    const exported = lines.find((line) => line.startsWith('export A='))!;
    const check = [...lines.slice(0, until), exported, 'printf "%s|%s" "$run" "$A"'].join('\n');
    const env = { SLURM_ARRAY_TASK_ID: '1', HOME: '/h' };
    expect(execFileSync('bash', ['-c', check], { env, encoding: 'utf8' })).toBe(
      `/home/ann's/.tandem/runs/r-1|it is "so" $HOME`,
    );
  });

  test.each([
    ['exits with what the trainer exits with', 'exit 3', [], 3],
    ['puts nothing back that was only cancelled', 'trap "exit 75" TERM; sleep 5 & wait', ['TERM'], 75],
  ])('%s', async (_what, trainer, signals, code) => {
    const text = script('  requeue: true', { runs: ['.'], isArray: false, runsDir: '/tmp', environment: {} })
      .replace(/^exec .*$/m, '')
      .replace(/^.*--scheduled &$/m, `bash -c '${trainer}' &`)
      .replace('scontrol requeue', 'echo put back');
    const kill = signals.map((name) => `(sleep 1; kill -${name} $$) &\n`).join('');
    const body = `${kill}${text}`;
    let ended = 0;
    let out = '';
    try {
      out = execFileSync('bash', ['-c', body], { encoding: 'utf8' });
    } catch (error) {
      ({ status: ended, stdout: out } = error as { status: number; stdout: string });
    }
    expect([ended, out.includes('put back')]).toEqual([code, false]);
  });
});

// Man page of sbatch, --time: minutes, minutes:seconds, hours:minutes:seconds, days-hours, days-hours:minutes, days-hours:minutes:seconds.
test.each([
  ['30', 1800],
  ['1:30', 90],
  ['2:00:00', 7200],
  ['1-0', 86_400],
  ['1-12:30', 131_400],
  ['1-12:30:05', 131_405],
  ['0', null],
  ['UNLIMITED', null],
  ['1h', null],
])('a time limit of %s is %s s', (text, seconds) => expect(timeLimitSeconds(text)).toBe(seconds));

// States, reasons and exit codes as a Slurm 22.05 gave them.
test.each([
  ['PENDING', 'Resources', 0, 0, 'waits'],
  ['RUNNING', '', 0, 0, 'runs'],
  ['COMPLETING', '', 0, 15, 'runs'],
  ['CANCELLED', '', 0, 15, 'stopped: was cancelled'],
  ['TIMEOUT', 'TimeLimit', 0, 9, 'failed: met its time limit'],
  ['OUT_OF_MEMORY', 'OutOfMemory', 0, 125, 'failed: ran out of memory'],
  ['NODE_FAIL', '', 0, 0, 'failed: lost its machine (NODE_FAIL)'],
  ['PREEMPTED', '', 0, 15, 'stopped: was preempted'],
  ['FAILED', 'NonZeroExitCode', 3, 0, 'failed: failed with exit code 3.'],
  ['FAILED', 'NonZeroExitCode', 75, 0, 'failed: came near its time limit'],
  ['FAILED', 'JobLaunchFailure', 0, 9, 'failed: was killed (signal 9)'],
  ['FAILED', 'JobLaunchFailure', 0, 53, 'failed: was ended by signal 53, JobLaunchFailure'],
  ['COMPLETED', '', 0, 0, 'failed: ended without an end of the training'],
])('%s (%s, %i:%i) means that a run without an end of its own %s', (state, reason, code, signal, means) => {
  const standing = standingOf({ name: 'a', id: '7_1', state, reason, exit: { code, signal } });
  const said =
    standing.kind === 'ended'
      ? `${standing.status}: ${englishOf(standing.reason).replace('The Slurm job 7_1 ', '')}`
      : standing.kind;
  expect(said.startsWith(means), said).toBe(true);
});

test('a time limit that leaves nothing to train in is told, and an option never becomes two', () => {
  const problems = (yaml: string) => {
    const parsed = parseExperiment(
      `data: { pairs: a.csv }\nlauncher: { ${yaml.startsWith('kind:') ? '' : 'kind: slurm, '}${yaml} }`,
    );
    return [...parsed.problems, ...checkExperiment(parsed)]
      .filter(({ path }) => path.startsWith('launcher'))
      .map(({ code }) => code);
  };
  expect(problems('time: 3')).toEqual(['time_limit_short']);
  expect(problems('time: "3:00:00"')).toEqual([]);
  expect(problems('partition: "gpu --uid=0"')).toEqual(['bad_text']);
  expect(problems('kind: ssh')).toEqual(['host_missing']);
  expect(problems('host: "-oProxyCommand=x"')).toEqual(['bad_text']);
  expect(problems('memory: lots')).toEqual(['bad_text']);
  expect(problems('modules: "a; rm b"')).toEqual(['bad_text']);
});
