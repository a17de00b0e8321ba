import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HumanError } from '../../protocol/human-error.ts';
import { makeFolder } from '../../store/files.ts';
import { dataFolder } from '../machine/user-folders.ts';
import { said, t } from '../../text/say.ts';

/** Engines that are installed apart, and the packages that make them. */
export const installable = {
  tensorflow: '@tensorflow/tfjs-node@^4.22.0',
  tensorflow_gpu: '@tensorflow/tfjs-node-gpu@^4.22.0',
} as const;

export type InstallableEngine = keyof typeof installable;

/** Folder of an engine that was installed apart: under TANDEM_DATA_DIR, else the user's data folder. */
export function engineFolder(name: InstallableEngine): string {
  return join(dataFolder(), 'engines', name);
}

/**
 * Fills the engine's folder with npm. Its install scripts fetch TensorFlow's libraries from another host, so this may fail where that
 * is not reachable: a HumanError with the end of what npm said. `log` gets npm's output.
 */
export async function installEngine(name: InstallableEngine, log: (text: string) => void): Promise<string> {
  const folder = engineFolder(name);
  await makeFolder(folder);
  await writeFile(
    join(folder, 'package.json'),
    `${JSON.stringify({ name: `tandem-engine-${name}`, private: true }, null, 2)}\n`,
  );
  const printed = await npm(['install', '--no-audit', '--no-fund', installable[name]], folder, log);
  if (printed !== null)
    throw new HumanError(
      said('npm could not install {0}: {1}', installable[name], printed),
      said(
        'It needs the npm registry and storage.googleapis.com; or set train.engine to onnx, which needs neither.',
      ),
      'install_failed',
    );
  return folder;
}

/** null when npm succeeded, else the end of what it said. */
function npm(args: string[], folder: string, log: (text: string) => void): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, {
      cwd: folder,
      shell: process.platform === 'win32',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const take = (data: Buffer): void => {
      output = (output + data.toString()).slice(-4000);
      log(data.toString());
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code) =>
      resolve(code === 0 ? null : lastError(output) || t('it ended with code {0}', String(code))),
    );
  });
}

function lastError(output: string): string {
  const lines = output.split('\n').filter((line) => /error|ERR!/i.test(line) && !/A complete log/.test(line));
  return lines.slice(-3).join(' ').slice(0, 500);
}
