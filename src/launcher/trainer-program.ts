/** How a trainer is started: a Node binary, the bundled trainer, and what its environment needs. */
export interface TrainerProgram {
  /** Node, or VS Code's own binary, which is Node when told so. */
  nodePath: string;
  /** The bundled trainer (`dist/trainer.js`). */
  trainerFile: string;
  /** What stands between the program and the run folder. */
  args?: string[];
  /** Added to the environment, over everything else. */
  env?: Record<string, string>;
  /** Added to the environment of what tells of its runs, and to no other. */
  notifierEnv?: Record<string, string>;
}

/**
 * The environment of a trainer process: the caller's own, without what belongs to the caller alone, and with the
 * memory settings that spare large tensors a page fault per use (glibc only; ignored elsewhere).
 */
export function trainerEnvironment(
  program: TrainerProgram,
  own: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...memorySettings(platform), ...own };
  delete environment['NODE_CHANNEL_FD'];
  // VS Code's debugger attaches through these; it is not meant for a process that outlives its window.
  if (environment['VSCODE_INSPECTOR_OPTIONS'] !== undefined) {
    delete environment['VSCODE_INSPECTOR_OPTIONS'];
    delete environment['NODE_OPTIONS'];
  }
  return { ...environment, ...asNode(program), ...noTelemetry, ...program.env };
}

/** What a trainer needs in its environment where it is not started from here: the same settings, beside those of whoever starts it. */
export function trainerSettings(program: TrainerProgram): Record<string, string> {
  return { ...memorySettings('linux'), ...asNode(program), ...noTelemetry, ...program.env };
}

const memorySettings = (platform: NodeJS.Platform): Record<string, string> =>
  platform === 'linux' ? mallocSettings : {};

const asNode = ({ nodePath }: TrainerProgram): Record<string, string> =>
  process.versions['electron'] && nodePath === process.execPath ? { ELECTRON_RUN_AS_NODE: '1' } : {};

/** The trainer sets it itself; on Windows a library may see only the environment that its process began with. */
const noTelemetry = { ORT_DISABLE_TELEMETRY: '1' };

/** glibc gives freed blocks back to the system and takes them again page by page; these keep them. */
export const mallocSettings = {
  MALLOC_MMAP_MAX_: '0',
  MALLOC_TRIM_THRESHOLD_: '20000000000',
  MALLOC_TOP_PAD_: '268435456',
};
