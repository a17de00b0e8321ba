import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename } from 'node:path';
import type { Provider } from '../../onnx-backend/session.ts';
import { listGpus, type Gpu } from '../machine/gpus.ts';
import { softwareDriver } from './software-drivers.ts';

/** What a provider computes on. */
export interface ProviderDevice {
  name: string;
  /** It is the processor after all, through a driver in software. */
  isSoftware: boolean;
}

/** The device of a provider that this process has computed with: ONNX Runtime and its drivers do not tell it. */
export async function providerDevice(provider: Provider): Promise<ProviderDevice> {
  if (provider === 'cpu') return real(cpus()[0]?.model.trim() || process.arch);
  const gpus = await listGpus();
  if (provider === 'cuda') return real(visibleToCuda(gpus)?.name ?? 'CUDA device 0');
  if (process.platform === 'linux') return openedDevice(gpus);
  // WebGPU takes the fastest; NVIDIA's come first, then those with memory of their own.
  const [gpu] = gpus
    .filter(({ name }) => softwareDriver(name) === null)
    .sort((a, b) => (b.memoryTotal ?? 0) - (a.memoryTotal ?? 0));
  if (gpu) return real(gpu.name);
  const driver = gpus.map(({ name }) => softwareDriver(name)).find((name) => name !== null);
  return driver ? inSoftware(driver) : real('WebGPU device 0');
}

const real = (name: string): ProviderDevice => ({ name, isSoftware: false });
const inSoftware = (name: string): ProviderDevice => ({ name: `${name} (in software)`, isSoftware: true });

/** CUDA's first device: the first that CUDA_VISIBLE_DEVICES names by its number, else the first of all. */
function visibleToCuda(gpus: Gpu[]): Gpu | undefined {
  const nvidia = gpus.filter(({ name }) => /nvidia/i.test(name));
  const first = Number(process.env['CUDA_VISIBLE_DEVICES']?.split(',')[0]);
  return nvidia[Number.isInteger(first) ? first : 0] ?? nvidia[0];
}

/**
 * A driver holds the file of its device open, and one in software has none: then the library that Vulkan has loaded names it. Of several
 * open ones NVIDIA's is taken, else the one with most memory, as WebGPU does.
 */
function openedDevice(gpus: Gpu[]): ProviderDevice {
  const files = openFiles().filter((file) => /^\/dev\/(nvidia\d+|dri\/renderD\d+|dxg)$/.test(file));
  if (files.length === 0) {
    const driver = loadedLibraries()
      .map(softwareDriver)
      .find((name) => name !== null);
    return inSoftware(driver ?? 'a Vulkan driver');
  }
  const addresses = files.map(pciAddressOf);
  const opened = gpus.filter(
    ({ name, pciAddress }) =>
      addresses.includes(pciAddress) ||
      (/nvidia/i.test(name) && files.some((file) => /nvidia|dxg/.test(file))),
  );
  const [gpu] = (opened.length > 0 ? opened : gpus).sort((a, b) => rank(b) - rank(a));
  return real(gpu?.name ?? 'WebGPU device 0');
}

const rank = ({ name, memoryTotal }: Gpu): number => (/nvidia/i.test(name) ? Infinity : (memoryTotal ?? 0));

function openFiles(): string[] {
  const folder = '/proc/self/fd';
  return readdirSync(folder).flatMap((number) => {
    try {
      return [readlinkSync(`${folder}/${number}`)];
    } catch {
      return []; // closed meanwhile
    }
  });
}

const loadedLibraries = (): string[] =>
  readFileSync('/proc/self/maps', 'utf8')
    .split('\n')
    .map((line) => basename(line));

/** `/sys/class/drm/renderD128/device` leads to the device's folder, which its address names. */
function pciAddressOf(file: string): string | null {
  try {
    return basename(readlinkSync(`/sys/class/drm/${basename(file)}/device`));
  } catch {
    return null; // NVIDIA's own files are not there
  }
}
