import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { HumanError } from '../protocol/human-error.ts';
import { listEngines } from './engines.ts';
import { type TrainerProgram, trainerEnvironment } from './trainer-program.ts';
import { said, t } from '../text/say.ts';

/** How an optional engine comes beside the trainer, and the engine that must work afterwards. */
interface Recipe {
  engine: string;
  /** What it must compute with then, where that is the point. */
  provider?: string;
  what: () => string;
  command: (program: TrainerProgram) => { args: string[]; cwd?: string; env?: Record<string, string> };
}

/** The trainer knows where it looks for TensorFlow; ONNX Runtime's own script knows where its libraries go. */
const recipes: Record<string, Recipe> = {
  tensorflow: {
    engine: 'tensorflow',
    what: () => t('@tensorflow/tfjs-node and libtensorflow (about 400 MB)'),
    command: ({ trainerFile }) => ({ args: [trainerFile, '--install', 'tensorflow'] }),
  },
  tensorflow_gpu: {
    engine: 'tensorflow_gpu',
    what: () => t('@tensorflow/tfjs-node-gpu and libtensorflow for CUDA 11.2 (about 1.5 GB)'),
    command: ({ trainerFile }) => ({ args: [trainerFile, '--install', 'tensorflow_gpu'] }),
  },
  onnx_cuda: {
    engine: 'onnx',
    provider: 'cuda',
    what: () => t("ONNX Runtime's CUDA 12 libraries (about 400 MB, Linux x64)"),
    command: ({ trainerFile }) => {
      const folder = dirname(createRequire(trainerFile).resolve('onnxruntime-node/package.json'));
      return {
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
      said('There is no engine to install by the name "{0}".', name),
      said('Known are {0}; onnx and cpu are always there.', Object.keys(recipes).join(', ')),
      'no_such_engine',
    );
  say(t('Fetching {0} ...', recipe.what()));
  const code = await runOnTerminal(recipe.command(program), program);
  if (code !== 0)
    throw new HumanError(
      said('The install ended with exit code {0}.', code),
      said(
        'Its messages are above; most often the network did not let it through. Nothing else has changed.',
      ),
      'install_failed',
    );
  const engine = (await listEngines(program)).find((one) => one.name === recipe.engine);
  const works = recipe.provider ? engine?.providers?.find((one) => one.provider === recipe.provider) : engine;
  if (!works?.works)
    throw new HumanError(
      said(
        '{0} is installed but does not work here: {1}.',
        name,
        (works ?? engine)?.reason?.replace(/[.。]$/, '') ??
          said('the engine {0} computes on {1}', recipe.engine, engine?.device ?? said('nothing')),
      ),
      said('Training goes on with the other engines.'),
      'engine_not_working',
    );
  say(t('{0} is installed and works.', name));
}

function runOnTerminal(
  { args, cwd, env }: ReturnType<Recipe['command']>,
  program: TrainerProgram,
): Promise<number> {
  return new Promise((resolve, reject) => {
    spawn(program.nodePath, args, { cwd, stdio: 'inherit', env: { ...trainerEnvironment(program), ...env } })
      .once('error', reject)
      .once('exit', (code) => resolve(code ?? 1));
  });
}
