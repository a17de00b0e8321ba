export interface LauncherOptions {
  set: string[];
  launcher?: string;
  parallel?: number;
}

/** What is set beside a file, with what `--launcher` and `--parallel` say of where its runs run. */
export function assignmentsOf({ set, launcher, parallel }: LauncherOptions): string[] {
  return [
    ...set,
    ...(launcher === undefined ? [] : [`launcher.kind=${launcher}`]),
    ...(parallel === undefined ? [] : [`launcher.parallel=${parallel}`]),
  ];
}
