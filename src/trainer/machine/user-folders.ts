import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where what the user has installed is kept: TANDEM_DATA_DIR, else the user's data folder. */
export function dataFolder(): string {
  const { env, platform } = process;
  if (env['TANDEM_DATA_DIR']) return env['TANDEM_DATA_DIR'];
  if (platform === 'win32') return join(localAppData(), 'tandem');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'tandem');
  return join(env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'tandem');
}

/** Where what can be found out again is kept: `cache` in TANDEM_DATA_DIR, else the user's cache folder. */
export function cacheFolder(): string {
  const { env, platform } = process;
  if (env['TANDEM_DATA_DIR']) return join(env['TANDEM_DATA_DIR'], 'cache');
  if (platform === 'win32') return join(localAppData(), 'tandem', 'Cache');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'tandem');
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'tandem');
}

const localAppData = (): string => process.env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local');
