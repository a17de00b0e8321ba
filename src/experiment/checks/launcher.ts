import { timeLimitSeconds } from '../schema/time-limit.ts';
import type { Finding, View } from './finding.ts';
import { t } from '../../text/say.ts';

/** Slurm may give its warning up to this much earlier than asked. */
const earlySeconds = 60;

/** Whether there is a machine to train on, and a job gets anywhere between its start and its warning. */
export function checkLauncher(view: View): Finding[] {
  return [...checkHost(view), ...checkTime(view)];
}

function checkHost({ experiment }: View): Finding[] {
  const { kind, host } = experiment.launcher;
  if (kind !== 'ssh' || host !== null) return [];
  return [
    {
      severity: 'error',
      code: 'host_missing',
      message: t('launcher.kind: ssh needs a host: user@name, or a Host of ~/.ssh/config.'),
      paths: ['launcher.kind'],
      value: kind,
      fixes: [{ set: 'launcher.kind', to: 'local' }],
    },
  ];
}

function checkTime({ experiment }: View): Finding[] {
  const { kind, time, save_before, requeue } = experiment.launcher;
  const limit = kind === 'slurm' && requeue && time !== null ? timeLimitSeconds(time) : null;
  if (limit === null || limit > 2 * (save_before + earlySeconds)) return [];
  return [
    {
      severity: 'warning',
      code: 'time_limit_short',
      message: t(
        'Each start of a run has {0} s, and is asked to save {1} s before their end, by Slurm up to {2} s earlier: more time goes by with starting than with training.',
        limit,
        save_before,
        earlySeconds,
      ),
      paths: ['launcher.time', 'launcher.save_before'],
      value: time,
      fixes: [{ set: 'launcher.time', to: '"1:00:00"' }],
    },
  ];
}
