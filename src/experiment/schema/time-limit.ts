/** Minutes, minutes:seconds, hours:minutes:seconds, days-hours, days-hours:minutes or days-hours:minutes:seconds; not all of them 0. */
export const timeLimitPattern =
  /^(?=.*[1-9])(?:(\d+)-(\d+)(?::(\d+))?(?::(\d+))?|(\d+)(?::(\d+))?(?::(\d+))?)$/;

/** Slurm's way to write a time limit, in seconds; null when it is none. `infinite` and 0 are none: a run would never end. */
export function timeLimitSeconds(text: string): number | null {
  const match = timeLimitPattern.exec(text);
  if (!match) return null;
  const [days, hours, minutes, seconds, first, second, third] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  const isHours = match[7] !== undefined;
  return match[1] === undefined
    ? isHours
      ? first! * 3600 + second! * 60 + third!
      : first! * 60 + second!
    : days! * 86_400 + hours! * 3600 + minutes! * 60 + seconds!;
}
