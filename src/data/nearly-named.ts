import { join } from 'node:path';

/** A file whose path is nearly the one that was asked for. */
export interface Nearly {
  /** Its path from the root, with forward slashes. */
  path: string;
  /** In the form of its letters (é as one sign or as e and an accent), in upper and lower case, or in a suffix that was left out. */
  differs: 'form' | 'case' | 'suffix';
}

/**
 * Looks for files by paths that are nearly theirs, folder by folder. The difference that is told is the largest on the way:
 * what differs in nothing but the form of Unicode is the same name to every eye.
 * @param namesIn the names in a folder; null when it cannot be listed
 */
export function nearlyNamed(
  root: string,
  namesIn: (folder: string) => Promise<Set<string> | null>,
): (key: string) => Promise<Nearly | null> {
  const lists = new Map<string, Promise<Names | null>>();
  const listOf = (folder: string): Promise<Names | null> => {
    let list = lists.get(folder);
    if (!list)
      lists.set(folder, (list = namesIn(join(root, folder)).then((names) => names && new Names(names))));
    return list;
  };

  return async (key) => {
    const isAbsolute = key.startsWith('/') || /^[a-z]:/i.test(key);
    if (isAbsolute || key.split('/').includes('..')) return null;
    const parts = key.split('/');
    let path = '';
    let differs: Nearly['differs'] | null = null;
    for (const [index, part] of parts.entries()) {
      const found = (await listOf(path))?.find(part, index === parts.length - 1);
      if (!found) return null;
      path = path === '' ? found.name : `${path}/${found.name}`;
      if (found.differs !== null && rank[found.differs] > (differs === null ? -1 : rank[differs]))
        differs = found.differs;
    }
    return differs && { path, differs };
  };
}

const rank: Record<Nearly['differs'], number> = { form: 0, case: 1, suffix: 2 };

/** The names in a folder by what they have in common with others; each table is made when it is first asked for. */
class Names {
  private readonly tables = new Map<Nearly['differs'], Map<string, string>>();

  constructor(private readonly names: Set<string>) {}

  find(name: string, isFile: boolean): { name: string; differs: Nearly['differs'] | null } | null {
    if (this.names.has(name)) return { name, differs: null };
    for (const differs of isFile ? (['form', 'case', 'suffix'] as const) : (['form', 'case'] as const)) {
      const found = this.table(differs).get(common[differs](name));
      if (found !== undefined) return { name: found, differs };
    }
    return null;
  }

  private table(differs: Nearly['differs']): Map<string, string> {
    let table = this.tables.get(differs);
    if (!table) {
      this.tables.set(differs, (table = new Map<string, string>()));
      for (const name of this.names) {
        const key = common[differs](differs === 'suffix' ? name.replace(/\.[^.]*$/, '') : name);
        if (!table.has(key)) table.set(key, name);
      }
    }
    return table;
  }
}

const common: Record<Nearly['differs'], (name: string) => string> = {
  form: (name) => name.normalize('NFC'),
  case: (name) => name.normalize('NFC').toLowerCase(),
  suffix: (name) => name.normalize('NFC').toLowerCase(),
};
