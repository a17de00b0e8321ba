import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { HumanError } from '../../protocol/human-error.ts';
import { said } from '../../text/say.ts';

/** A scheduler under load takes seconds; one that is away is waited for by its own programs for 10 to 20 s. */
export const answerLimitMs = 15_000;
/** sbatch itself tries again for a while where a cluster has too many jobs. */
const submitLimitMs = 60_000;

/** A job, or a task of an array, as `squeue` and `sacct` list it. */
export interface JobLine {
  name: string;
  /** `12`, or `12_3` of an array. */
  id: string;
  /** `PENDING`, `RUNNING`, `COMPLETED`, ... */
  state: string;
  /** Why it waits or failed, in Slurm's words; empty where they say nothing. */
  reason: string;
  exit: { code: number; signal: number };
}

/** Submits a script and gives its job's id. HumanError `slurm_refused` with Slurm's own words, `slurm_silent`, `no_slurm`. */
export async function sbatch(script: string, name: string): Promise<string> {
  try {
    const printed = await ask('sbatch', ['--parsable'], {
      input: script,
      limitMs: submitLimitMs,
    });
    // `id`, or `id;cluster`
    return printed.trim().split(';')[0]!;
  } catch (error) {
    // Slurm may have taken a job whose answer got lost: it must not be submitted twice.
    const id = isSilent(error) ? await idOf(name).catch(() => null) : null;
    if (id === null) throw error;
    return id;
  }
}

async function idOf(name: string): Promise<string | null> {
  const [job] = await squeue([name]);
  return job ? job.id.split('_')[0]! : null;
}

/** What Slurm knows now of jobs by these names, one entry a task; those that ended a while ago are missing. */
export async function squeue(names: string[], limitMs = answerLimitMs): Promise<JobLine[]> {
  const format = 'JobArrayID:|,State:|,exit_code:|,Name:|,Reason:|';
  const args = [
    '-h',
    '-r',
    '-t',
    'all',
    '-u',
    userInfo().username,
    `--name=${names.join(',')}`,
    '-O',
    format,
  ];
  return linesOf(await ask('squeue', args, { limitMs })).map(([id, state, exit, name, reason]) => ({
    name: name!,
    id: id!,
    state: state!,
    reason: reason === 'None' ? '' : reason!,
    // As wait(2) gives it.
    exit: { code: Number(exit) >> 8, signal: Number(exit) & 127 },
  }));
}

/** How jobs ended, from the accounting; empty where a cluster keeps none. It is some seconds behind. */
export async function sacct(ids: string[], limitMs = answerLimitMs): Promise<JobLine[]> {
  const args = ['-X', '-n', '-P', '-j', ids.join(','), '-o', 'JobID,State,ExitCode,JobName'];
  const printed = await ask('sacct', args, { limitMs }).catch((error: unknown) => {
    if (error instanceof HumanError && ['slurm_refused', 'no_slurm'].includes(error.code)) return '';
    throw error;
  });
  return linesOf(printed).map(([id, state, exit, name]) => {
    const [code, signal] = exit!.split(':').map(Number);
    // `CANCELLED by 1000`
    return {
      name: name!,
      id: id!,
      state: state!.split(' ')[0]!,
      reason: '',
      exit: { code: code!, signal: signal! },
    };
  });
}

/** Cancels a job or task; one that is gone is no error. */
export async function scancel(id: string, limitMs = answerLimitMs): Promise<void> {
  await ask('scancel', [id], { limitMs });
}

/** Sends a signal to a job's script alone, which knows what its trainer is to do. */
export async function signalScript(id: string, signal: 'INT', limitMs = answerLimitMs): Promise<void> {
  await ask('scancel', ['--batch', `--signal=${signal}`, id], { limitMs });
}

export const isSilent = (error: unknown): boolean =>
  error instanceof HumanError && error.code === 'slurm_silent';

/** Standard output of a program of Slurm's. It is ended when it takes longer than the limit. */
function ask(
  program: string,
  args: string[],
  { input = '', limitMs }: { input?: string; limitMs: number },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      timeout: limitMs,
      killSignal: 'SIGKILL',
      maxBuffer: 1 << 26,
      encoding: 'utf8',
    } as const;
    const child = execFile(program, args, options, (error, out, err) => {
      if (!error) return resolve(out);
      if (error.code === 'ENOENT') return reject(noSlurm(program));
      const said = err.trim().replace(/^(\w+: )?(error: )?/gm, '');
      if (error.killed) return reject(silent(program, limitMs));
      if (/Unable to contact|Socket timed out|connect failure|Unexpected message received/i.test(said))
        return reject(silent(program, limitMs, said.split('\n').at(-1)));
      reject(refused(program, said || error.message));
    });
    // It may end before it has read its input: its exit says why.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

const linesOf = (printed: string): string[][] =>
  printed
    .split('\n')
    .filter((line) => line.includes('|'))
    .map((line) => line.split('|').map((part) => part.trim()));

const noSlurm = (program: string): HumanError =>
  new HumanError(
    said('There is no {0} here: Slurm is not installed on this machine, or not in its PATH.', program),
    said('Start on a login node of the cluster, or train with launcher.kind: local.'),
    'no_slurm',
  );

const silent = (program: string, limitMs: number, words?: string): HumanError =>
  new HumanError(
    words
      ? said('Slurm does not answer ({0}: {1}).', program, words.replace(/\.$/, ''))
      : said('Slurm does not answer: {0} was ended after {1} s.', program, limitMs / 1000),
    said('Try again when squeue answers in a terminal; runs that train go on meanwhile.'),
    'slurm_silent',
  );

const refused = (program: string, words: string): HumanError =>
  new HumanError(
    said('Slurm refused ({0}: {1}).', program, words.replace(/\s*\n\s*/g, '; ').replace(/\.$/, '')),
    said('Mend what it names in the section launcher of the experiment, then start again.'),
    'slurm_refused',
  );
