import { gpusOfLinux } from './linux-gpus.ts';
import { gpusOfMac, useOfMac } from './mac-gpus.ts';
import { gpusOfNvidiaSmi } from './nvidia-smi.ts';
import { gpusOfWindows } from './windows-gpus.ts';

/** A graphics device of this machine, and what its driver or the system's tools tell of it now. */
export interface Gpu {
  /** As its maker calls it, e.g. `NVIDIA GeForce RTX 4070`. */
  name: string;
  /** Bytes of its own memory; null where nothing tells, as of those that share the machine's. */
  memoryTotal: number | null;
  /** Bytes of it in use, by whatever program. */
  memoryUsed: number | null;
  /** Share of the last moments in which it computed, 0 to 1. */
  utilisation: number | null;
  /** Its place on the PCI bus, e.g. `0000:01:00.0`; null where nothing tells. */
  pciAddress: string | null;
  /** What told this. */
  source: 'nvidia-smi' | 'the NVIDIA driver' | '/sys/class/drm' | 'system_profiler' | 'ioreg' | 'Windows';
}

/** The machine's graphics devices, in the order in which its tools give them; tools that are missing or hang are left out. */
export async function listGpus(): Promise<Gpu[]> {
  if (process.platform === 'linux') return gpusOfLinux();
  if (process.platform === 'darwin') return gpusOfMac();
  if (process.platform !== 'win32') return [];
  const [nvidia, all] = await Promise.all([gpusOfNvidiaSmi(), gpusOfWindows()]);
  const known = new Set(nvidia.map(({ name }) => name));
  return [...nvidia, ...all.filter(({ name }) => !known.has(name))];
}

/**
 * Those whose use can be asked for again and again: a few milliseconds of another process. Empty where nothing tells how much memory is
 * in use or how busy a device is.
 */
export async function sampleGpus(): Promise<Gpu[]> {
  const gpus =
    process.platform === 'linux'
      ? await gpusOfLinux()
      : process.platform === 'darwin'
        ? await useOfMac()
        : await gpusOfNvidiaSmi();
  return gpus.filter(({ memoryUsed, utilisation }) => memoryUsed !== null || utilisation !== null);
}
