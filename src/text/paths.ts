import { t } from './say.ts';

/** What a shell would have replaced in a path, and nothing here does; null where there is no such part. */
export function unreplaced(path: string): string | null {
  if (/^~(?:[\\/]|$)/.test(path)) return t('~ is not replaced by the home folder');
  const variable = /\$\{?[A-Za-z_]\w*\}?|%[A-Za-z_]\w*%/.exec(path)?.[0];
  return variable === undefined ? null : t('the variable {0} is not replaced', variable);
}
