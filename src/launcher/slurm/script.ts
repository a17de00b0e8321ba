import type { Launcher } from '../../experiment/config.ts';
import { timeLimitSeconds } from '../../experiment/schema/time-limit.ts';
import { laterCode } from '../../protocol/run-status.ts';
import { logFile } from '../../store/run-folder.ts';
import { quoted } from '../shell.ts';
import { headline } from '../trainer-log.ts';

/** What a job's script is made of. */
export interface ScriptParts {
  name: string;
  launcher: Launcher;
  /** Folder of runs, absolute and on the shared disk. */
  runsDir: string;
  /** Names of the run folders in it, in the order of the array's tasks; a number where they are not made yet. */
  runs: string[] | number;
  /** A job of a single run is no array. */
  isArray: boolean;
  nodePath: string;
  trainerFile: string;
  /** What the trainer's environment needs beside the user's own. */
  environment: Record<string, string>;
  /** Where Slurm's own words go (`--output`), absolute; the trainer's go to its run's log. */
  output: string;
}

/** The script of a job: one run, or an array with a task for each. */
export function jobScript(parts: ScriptParts): string {
  const { launcher, runsDir, environment } = parts;
  return [
    '#!/bin/bash',
    ...directives(parts).map((option) => `#SBATCH ${option}`),
    '',
    ...runLines(parts),
    `exec >>"${logFile('$run')}" 2>&1 || exit 1`,
    `echo "${headline}$(date -u +%Y-%m-%dT%H:%M:%SZ)"`,
    '',
    traps,
    '',
    ...(launcher.modules === null ? [] : [`module load ${launcher.modules} || exit 1`]),
    ...(launcher.setup === null ? [] : [launcher.setup.trimEnd()]),
    ...Object.entries(environment).map(([name, value]) => `export ${name}=${quoted(value)}`),
    '',
    `${quoted(launcher.node ?? parts.nodePath)} ${quoted(parts.trainerFile)} "$run" --scheduled &`,
    'child=$!',
    '[ -z "$again" ] || kill -TERM "$child"',
    // A signal ends a wait early; the code counts that comes without one.
    'while told=; wait "$child"; code=$?; [ -n "$told" ]; do :; done',
    ...(launcher.requeue ? ['', requeueing] : []),
    'exit "$code"',
    '',
  ].join('\n');

  function runLines({ runs, isArray }: ScriptParts): string[] {
    if (typeof runs === 'number')
      return [
        `# The ${runs === 1 ? 'run folder' : `${runs} run folders`} in ${runsDir}: named when the job is sent.`,
        'run=...',
      ];
    if (!isArray) return [`run=${quoted(`${runsDir}/${runs[0]!}`)}`];
    return [
      'runs=(',
      ...runs.map((name) => `  ${quoted(name)}`),
      ')',
      `run=${quoted(runsDir)}/\${runs[$SLURM_ARRAY_TASK_ID]}`,
    ];
  }
}

function directives({ name, launcher, runs, isArray, output }: ScriptParts): string[] {
  const { parallel, partition, account, gres, cpus, memory, time, requeue, options } = launcher;
  const count = typeof runs === 'number' ? runs : runs.length;
  const option = (name: string, value: string | number | null): string[] =>
    value === null ? [] : [`--${name}=${value}`];
  return [
    `--job-name=${name}`,
    ...(isArray ? [`--array=0-${count - 1}${parallel === null ? '' : `%${parallel}`}`] : []),
    ...option('partition', partition),
    ...option('account', account),
    ...option('gres', gres),
    '--nodes=1',
    '--ntasks=1',
    ...option('cpus-per-task', cpus),
    ...option('mem', memory),
    ...option('time', time),
    `--signal=B:USR1@${saveBeforeSeconds(launcher)}`,
    requeue ? '--requeue' : '--no-requeue',
    '--open-mode=append',
    `--output=${quotedOption(output)}`,
    ...(options ?? '')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== ''),
  ];
}

/** Not more than half of the time limit: a start that saves at once would never get anywhere. */
function saveBeforeSeconds({ time, save_before }: Launcher): number {
  const limit = time === null ? null : timeLimitSeconds(time);
  return limit === null ? save_before : Math.min(save_before, Math.floor(limit / 2));
}

/**
 * Slurm's warning before the time limit (USR1) becomes the TERM that a trainer saves at, a person's Stop (INT) stays what it is.
 * The shell is reached by signals only while it waits for a background process.
 */
const traps = [
  'child= again=',
  'tell() { told=1; [ -z "$child" ] || kill "-$1" "$child" 2>/dev/null; }',
  `trap 'again=1; tell TERM' USR1`,
  `trap 'tell TERM' TERM`,
  `trap 'tell INT' INT`,
].join('\n');

/** Only after Slurm's warning: a job that was cancelled or preempted is Slurm's to put back. 143: the warning came before the trainer could hear it. */
const requeueing = [
  `if [ -n "$again" ] && { [ "$code" = ${laterCode} ] || [ "$code" = 143 ]; }; then`,
  '  job=$SLURM_JOB_ID',
  '  [ -n "${SLURM_ARRAY_TASK_ID:-}" ] && job=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID',
  '  scontrol requeue "$job" && sleep 60 # ended here',
  'fi',
].join('\n');

/** sbatch reads its options with double quotes and backslashes. */
const quotedOption = (text: string): string =>
  /^[\w./:=@%+,-]+$/.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
