import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { HumanError } from '../protocol/human-error.ts';
import { listEngines } from './engines.ts';
import type { TrainerProgram } from './trainer-program.ts';

/** How an optional engine comes beside the trainer, and the engine that must work afterwards. */
interface Recipe {
  engine: string;
  what: string;
  command: (trainerFile: string) => {
    program: string;
    args: string[];
    cwd: string;
    env?: Record<string, string>;
  };
}

const recipes: Record<string, Recipe> = {
  tensorflow: {
    engine: 'tensorflow',
    what: '@tensorflow/tfjs-node and libtensorflow (about 400 MB)',
    command: (trainerFile) => npmInstall(trainerFile, '@tensorflow/tfjs-node@^4.22.0'),
  },
  tensorflow_gpu: {
    engine: 'tensorflow_gpu',
    what: '@tensorflow/tfjs-node-gpu and libtensorflow for CUDA 11.2 (about 1.5 GB)',
    command: (trainerFile) => npmInstall(trainerFile, '@tensorflow/tfjs-node-gpu@^4.22.0'),
  },
  onnx_cuda: {
    engine: 'onnx',
    what: "ONNX Runtime's CUDA 12 libraries (about 400 MB, Linux x64)",
    command: (trainerFile) => {
      const folder = dirname(createRequire(trainerFile).resolve('onnxruntime-node/package.json'));
      return {
        program: process.execPath,
        args: [join(folder, 'script/install.js')],
        cwd: folder,
        env: { ONNXRUNTIME_NODE_INSTALL: 'cuda12' },
      };
    },
  },
};

/**
 * Installs an optional engine beside the trainer, with the output of what installs it on the terminal, and looks
 * whether it works. Throws HumanError for an unknown name, a failed install or an engine that still does not work.
 */
export async function installEngine(
  name: string,
  program: TrainerProgram,
  say: (line: string) => void,
): Promise<void> {
  const recipe = recipes[name];
  if (!recipe)
    throw new HumanError(
      `There is no engine to install by the name "${name}".`,
      `Known are ${Object.keys(recipes).join(', ')}; onnx and cpu are always there.`,
      'no_such_engine',
    );
  say(`Fetching ${recipe.what} ...`);
  const code = await runOnTerminal(recipe.command(program.trainerFile));
  if (code !== 0)
    throw new HumanError(
      `The install ended with exit code ${code}.`,
      'Its messages are above; most often the network did not let it through. Nothing else has changed.',
      'install_failed',
    );
  const engine = (await listEngines(program)).find((one) => one.name === recipe.engine);
  if (!engine?.works)
    throw new HumanError(
      `${name} is installed but does not work here: ${engine?.reason ?? 'the trainer does not know it'}.`,
      'Training goes on with the other engines.',
      'engine_not_working',
    );
  say(`${name} is installed and works.`);
}

function npmInstall(trainerFile: string, name: string): ReturnType<Recipe['command']> {
  const root = dirname(dirname(trainerFile));
  const npm = join(dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js');
  const args = ['install', '--no-save', '--no-package-lock', name];
  // npm beside this Node where it is; else the one on the path, through a shell as Windows needs for .cmd files.
  return existsSync(npm)
    ? { program: process.execPath, args: [npm, ...args], cwd: root }
    : { program: process.platform === 'win32' ? 'npm.cmd' : 'npm', args, cwd: root };
}

function runOnTerminal({ program, args, cwd, env }: ReturnType<Recipe['command']>): Promise<number> {
  return new Promise((resolve, reject) => {
    spawn(program, args, {
      cwd,
      stdio: 'inherit',
      env: { ...process.env, ...env },
      shell: program.endsWith('.cmd'),
    })
      .once('error', reject)
      .once('exit', (code) => resolve(code ?? 1));
  });
}
