/** A path of the experiment file as an absolute one: relative to `base`; hub ids (`hf:owner/name`), addresses and absolute paths stay. Works for Windows and POSIX paths. */
export function absolutePath(base: string, path: string): string {
  if (isAbsolute(path) || isRemote(path)) return path;
  const separator = base.includes('\\') && !base.includes('/') ? '\\' : '/';
  const parts = base.replace(/[\\/]+$/, '').split(/[\\/]/);
  for (const part of path.split(/[\\/]/)) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 1) parts.pop();
    else if (part !== '..') parts.push(part);
  }
  return parts.length === 1 && parts[0] === '' ? separator : parts.join(separator);
}

/** Folder of a path. */
export function folderOf(path: string): string {
  const end = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  if (end < 0) return '.';
  return end === 0 ? path.slice(0, 1) : path.slice(0, end);
}

export const isRemote = (path: string): boolean =>
  /^[a-z][a-z0-9+.-]+:/i.test(path) && !/^[a-z]:/i.test(path);

const isAbsolute = (path: string): boolean => /^(?:[\\/]|[a-z]:[\\/])/i.test(path);
