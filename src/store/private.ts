import { homedir } from 'node:os';

/**
 * A copy of a JSON value that may be shown to others: the home folder becomes `~`, passwords in addresses and tokens
 * become `***`. Applied to everything that is written to run.json.
 */
export function withoutSecrets<T>(value: T): T {
  return clean(value, '') as T;
}

const secretKey = /(^|[._-])(token|password|passwd|secret|api_?key|credentials?)$/i;
const tokens = /\b(hf_|ghp_|gho_|github_pat_|sk-|xox[abp]-|AKIA)[A-Za-z0-9_-]{12,}/g;

function clean(value: unknown, key: string): unknown {
  if (typeof value === 'string') return secretKey.test(key) && value !== '' ? '***' : cleanText(value);
  if (Array.isArray(value)) return value.map((item) => clean(item, key));
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, clean(item, name)]));
  return value;
}

function cleanText(text: string): string {
  let cleaned = text
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@:]+:[^\s/@]+@/gi, '$1***@')
    .replace(tokens, (_all, kind: string) => `${kind}***`);
  for (const home of homes()) cleaned = cleaned.split(home).join('~');
  return cleaned;
}

/** The home folder, in both spellings on Windows; none where it is so short that it would hit other paths ("/", "/root" is fine). */
function homes(): string[] {
  const home = homedir().replace(/[\\/]+$/, '');
  return home.length < 3 ? [] : [...new Set([home, home.replaceAll('\\', '/')])];
}
