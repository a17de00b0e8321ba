import { dirname, isAbsolute, relative, resolve } from 'node:path';
import type { RunConfig } from '../experiment/config.ts';

/**
 * A config as `config.json` holds it: paths in the project start at the folder of the experiment (`./` or `../`), so that
 * a project that is moved, renamed or copied reads its own data. Those outside it stay absolute.
 */
export function withRelativePaths(config: RunConfig, project: string, experimentPath: string): RunConfig {
  const base = baseOf(project, experimentPath);
  return mapPaths(config, (path) => {
    if (!isAbsolute(path) || leadsOut(relative(project, path))) return path;
    const short = relative(base, path).replaceAll('\\', '/');
    return short.startsWith('../') || short === '..' ? short : `./${short}`;
  });
}

/** The reverse, for where the project is now. Hub ids and addresses stay as they are. */
export function withAbsolutePaths(config: RunConfig, project: string, experimentPath: string): RunConfig {
  const base = baseOf(project, experimentPath);
  return mapPaths(config, (path) => (/^\.\.?(\/|$)/.test(path) ? resolve(base, path) : path));
}

const baseOf = (project: string, experimentPath: string): string => dirname(resolve(project, experimentPath));

const leadsOut = (path: string): boolean => isAbsolute(path) || /^\.\.([\\/]|$)/.test(path);

/** The config with its paths changed; sections that it lacks are not made. */
function mapPaths(config: RunConfig, change: (path: string) => string): RunConfig {
  const { data, model }: Partial<RunConfig> = config;
  const either = (path: string | null): string | null => (path === null ? null : change(path));
  return {
    ...config,
    ...(data && {
      data: {
        ...data,
        pairs: change(data.pairs),
        val: either(data.val),
        image_root: either(data.image_root),
        cache_dir: either(data.cache_dir),
      },
    }),
    ...(model && {
      model: {
        ...model,
        ...(model.weights !== undefined && { weights: either(model.weights) }),
        image_encoder: { ...model.image_encoder, weights: either(model.image_encoder.weights) },
        text_encoder: { ...model.text_encoder, weights: either(model.text_encoder.weights) },
      },
    }),
  };
}
