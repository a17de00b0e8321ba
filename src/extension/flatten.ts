/** Dotted keys of a config without `reasons` and absolute paths of caches. */
export function flatten(value: object, prefix = ''): Record<string, unknown> {
  const flat: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value) as [string, unknown][]) {
    const path = prefix ? `${prefix}.${key}` : key;
    if (path === 'reasons' || path === 'data.cache_dir') continue;
    if (item !== null && typeof item === 'object' && !Array.isArray(item))
      Object.assign(flat, flatten(item, path));
    else flat[path] = item;
  }
  return flat;
}
