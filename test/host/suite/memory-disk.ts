import * as vscode from 'vscode';

/** A disk of a few text files that is no disk of this machine. */
export function memoryDisk(files: Record<string, string>): vscode.FileSystemProvider {
  const kept = new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text) as Uint8Array]));
  const changes = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  const isFolder = (path: string) =>
    [...kept.keys()].some((file) => file.startsWith(`${path.replace(/\/$/, '')}/`));
  const never = (uri: vscode.Uri): never => {
    throw vscode.FileSystemError.NoPermissions(uri);
  };
  return {
    onDidChangeFile: changes.event,
    watch: () => new vscode.Disposable(() => undefined),
    stat: (uri) => {
      const bytes = kept.get(uri.path);
      if (!bytes && !isFolder(uri.path)) throw vscode.FileSystemError.FileNotFound(uri);
      const type = bytes ? vscode.FileType.File : vscode.FileType.Directory;
      return { type, ctime: 0, mtime: 0, size: bytes?.length ?? 0 };
    },
    readDirectory: ({ path }) =>
      [...kept.keys()]
        .filter((file) => file.slice(0, file.lastIndexOf('/')) === path.replace(/\/$/, ''))
        .map((file) => [file.slice(file.lastIndexOf('/') + 1), vscode.FileType.File]),
    readFile: (uri) => {
      const bytes = kept.get(uri.path);
      if (!bytes) throw vscode.FileSystemError.FileNotFound(uri);
      return bytes;
    },
    writeFile: (uri, content) => {
      kept.set(uri.path, content);
    },
    createDirectory: never,
    delete: never,
    rename: never,
  };
}
