import type { Gpu } from './gpus.ts';
import { toolOutput } from './tool.ts';

const columns = ['pci.bus_id', 'name', 'memory.total', 'memory.used', 'utilization.gpu'] as const;

/** NVIDIA's devices, in the order of nvidia-smi; none where it is missing. */
export async function gpusOfNvidiaSmi(): Promise<Gpu[]> {
  const query = [`--query-gpu=${columns.join()}`, '--format=csv,noheader,nounits'];
  return parseNvidiaSmi((await toolOutput('nvidia-smi', query)) ?? '');
}

/** Lines as `00000000:01:00.0, NVIDIA GeForce RTX 4070, 12282, 1043, 37`: MiB and percent; what a device does not tell is `[N/A]`. */
export function parseNvidiaSmi(output: string): Gpu[] {
  const gpus: Gpu[] = [];
  for (const line of output.split('\n')) {
    const cells = line.split(',').map((cell) => cell.trim());
    // Also the errors of nvidia-smi come on its standard output.
    if (cells.length !== columns.length || !/^[\da-f]+:[\da-f]+:[\da-f]+\.\d$/i.test(cells[0]!)) continue;
    const [address, name, total, used, busy] = cells as [string, string, string, string, string];
    gpus.push({
      name,
      memoryTotal: number(total, 2 ** 20),
      memoryUsed: number(used, 2 ** 20),
      utilisation: number(busy, 1 / 100),
      pciAddress: shortAddress(address),
      source: 'nvidia-smi',
    });
  }
  return gpus;
}

const number = (cell: string, unit: number): number | null =>
  /^\d+$/.test(cell) ? Number(cell) * unit : null;

/** nvidia-smi writes the bus's domain with eight digits, the kernel with four. */
const shortAddress = (address: string): string => address.toLowerCase().replace(/^0000(?=[\da-f]{4}:)/, '');
