/** A config as tables compare it: values by dotted key, without the reasons of its defaults, where caches lie and who is told. */
export function flatSettings(value: object, prefix = ''): Record<string, unknown> {
  const flat: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value) as [string, unknown][]) {
    const path = prefix ? `${prefix}.${key}` : key;
    if (path === 'reasons' || path === 'data.cache_dir' || path === 'notify') continue;
    if (item !== null && typeof item === 'object' && !Array.isArray(item))
      Object.assign(flat, flatSettings(item, path));
    else flat[path] = item;
  }
  return flat;
}
