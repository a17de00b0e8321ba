import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Provider } from '../../onnx-backend/session.ts';
import { softwareDriver, vulkanDrivers } from './software-drivers.ts';
import { t } from '../../text/say.ts';

export interface ProvidersHere {
  /** Beside the processor, by what is installed: none has been tried. */
  candidates: Provider[];
  /** One sentence for each that would only compute on the processor in another way. */
  passed: string[];
}

/**
 * Which providers may compute on a device of this machine. Looks at a few files, so that where there is none nothing is tried. `root`
 * stands for / in tests.
 */
export function providersHere(env: NodeJS.ProcessEnv = process.env, root = '/'): ProvidersHere {
  const devices = deviceFiles(root);
  const hasDevice = devices === null || devices.length > 0;
  const hasNvidia = devices === null || devices.some((name) => /^nvidia|^dxg/.test(name));
  const cuda: Provider[] = hasNvidia && hasCudaLibraries() ? ['cuda'] : [];
  const drivers = process.platform === 'linux' ? vulkanDrivers(env, root) : [];
  const inSoftware = drivers.map(softwareDriver);
  const [name] = inSoftware.filter((driver) => driver !== null);
  const isSoftwareAlone = name !== undefined && (!hasDevice || inSoftware.every((driver) => driver !== null));
  if (isSoftwareAlone)
    return {
      candidates: cuda,
      passed: [
        t(
          'webgpu computes on {0} here, a driver in software, which is slower than the processor itself.',
          name,
        ),
      ],
    };
  return { candidates: hasDevice ? [...cuda, 'webgpu'] : cuda, passed: [] };
}

/** Names of the files in /dev by which programs reach devices that compute; null where devices are no files. */
function deviceFiles(root: string): string[] | null {
  if (process.platform !== 'linux') return null;
  return [
    ...namesIn(join(root, 'dev')).filter((name) => /^nvidia\d+$|^dxg$/.test(name)),
    ...namesIn(join(root, 'dev/dri')).filter((name) => /^renderD\d+$/.test(name)),
  ];
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // no such devices
  }
}

/** ONNX Runtime shouts into the log when CUDA is tried without them; they come with `tandem engine install onnx_cuda`. */
export function hasCudaLibraries(): boolean {
  const { resolve } = createRequire(import.meta.url);
  try {
    const bin = join(dirname(resolve('onnxruntime-node/package.json')), 'bin');
    return readdirSync(bin, { recursive: true }).some((file) =>
      /onnxruntime_providers_cuda\./.test(String(file)),
    );
  } catch {
    // Where the package cannot be found, the processor's provider says so.
    return false;
  }
}
