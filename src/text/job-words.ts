import { t, textOf, type Said } from './say.ts';

/** What a person reads of a run whose job waits or has started: the job, and why it waits with Slurm's own word for it. */
export function standingText({
  kind,
  id,
  reason = '',
}: {
  kind: string;
  id: string;
  reason?: string | Said;
}): string {
  if (kind !== 'waits') return t('Slurm job {0} has started', id);
  const why = textOf(reason);
  return why === '' ? t('Slurm job {0}', id) : t('Slurm job {0}: {1}', id, reasonText(why));
}

function reasonText(reason: string): string {
  const meaning = meanings()[reason];
  return meaning ? `${meaning} (${reason})` : reason;
}

/** The reasons that people meet; the others are shown as Slurm says them. */
const meanings = (): Record<string, string> => ({
  Resources: t('no machine is free yet'),
  Priority: t('other jobs go first'),
  JobArrayTaskLimit: t('as many runs of the sweep train as launcher.parallel allows'),
  BeginTime: t('it may start again in a moment'),
  Dependency: t('it waits for another job'),
  DependencyNeverSatisfied: t('the job that it waits for failed, so it never starts'),
  JobHeldUser: t('it is held; scontrol release lets it start'),
  JobHeldAdmin: t('an administrator holds it'),
  PartitionTimeLimit: t('launcher.time is longer than the partition allows, so it never starts'),
  PartitionDown: t('the partition is out of service'),
  QOSMaxJobsPerUserLimit: t('you have as many jobs as you may have at a time'),
  AssocMaxJobsLimit: t('the account has as many jobs as it may have at a time'),
});
