import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Gpu } from './gpus.ts';
import { gpusOfNvidiaSmi } from './nvidia-smi.ts';
import { namesOfLspci, toolNames } from './pci-names.ts';

/** Linux's devices: what NVIDIA's driver tells, and the cards of the kernel's own drivers. */
export async function gpusOfLinux(root = '/'): Promise<Gpu[]> {
  const nvidia = await gpusOfNvidia(root);
  const known = new Set(nvidia.map(({ pciAddress }) => pciAddress));
  return [...nvidia, ...(await cardsOfKernel(root)).filter(({ pciAddress }) => !known.has(pciAddress))];
}

/** In containers nvidia-smi may be missing; the driver's own files then tell the names. In WSL the devices lie behind /dev/dxg. */
async function gpusOfNvidia(root: string): Promise<Gpu[]> {
  const driver = join(root, 'proc/driver/nvidia/gpus');
  if (!existsSync(driver) && !existsSync(join(root, 'dev/nvidiactl')) && !existsSync(join(root, 'dev/dxg')))
    return [];
  const told = await gpusOfNvidiaSmi();
  if (told.length > 0) return told;
  return namesIn(driver).flatMap((address) => {
    const name = /^Model:\s*(.+?)\s*$/m.exec(textOf(join(driver, address, 'information')) ?? '')?.[1];
    return name ? [{ ...unknownUse, name, pciAddress: address, source: 'the NVIDIA driver' }] : [];
  });
}

const unknownUse = { memoryTotal: null, memoryUsed: null, utilisation: null };

/** /sys/class/drm: a folder `cardN` for each card; amdgpu tells memory and load beside it. */
async function cardsOfKernel(root: string): Promise<Gpu[]> {
  const folder = join(root, 'sys/class/drm');
  const cards = namesIn(folder)
    .filter((name) => /^card\d+$/.test(name))
    .sort((a, b) => Number(a.slice(4)) - Number(b.slice(4)));
  if (cards.length === 0) return [];
  const names = await pciNames();
  const gpus: Gpu[] = [];
  for (const card of cards) {
    const device = join(folder, card, 'device');
    const vendor = textOf(join(device, 'vendor'))?.trim();
    // Displays of the processor's board (`simpledrm`, a server's console) have no vendor of graphics devices.
    const maker = vendor && makers[vendor];
    if (!maker) continue;
    const pciAddress = addressOf(device);
    const value = (file: string): number | null => {
      const text = textOf(join(device, file))?.trim();
      return text && /^\d+$/.test(text) ? Number(text) : null;
    };
    const busy = value('gpu_busy_percent');
    const id = textOf(join(device, 'device'))?.trim();
    gpus.push({
      name:
        textOf(join(device, 'product_name'))?.trim() ||
        (pciAddress && names.get(pciAddress)) ||
        `${maker} graphics${id ? ` ${id}` : ''}`,
      memoryTotal: value('mem_info_vram_total'),
      memoryUsed: value('mem_info_vram_used'),
      utilisation: busy === null ? null : busy / 100,
      pciAddress,
      source: '/sys/class/drm',
    });
  }
  return gpus;
}

/** PCI's numbers of those who make devices that compute. */
const makers: Record<string, string> = {
  '0x10de': 'NVIDIA',
  '0x1002': 'AMD',
  '0x8086': 'Intel',
};

/** The names do not change while the program runs. */
let named: Promise<Map<string, string>> | null = null;
const pciNames = (): Promise<Map<string, string>> => (named ??= toolNames().then(namesOfLspci));

/** `/sys/class/drm/card0/device` leads to the device's folder, which its address names. */
function addressOf(device: string): string | null {
  try {
    const name = basename(readlinkSync(device));
    return /^[\da-f]{4}:[\da-f]{2}:[\da-f]{2}\.\d$/.test(name) ? name : null;
  } catch {
    return null; // a device of another bus
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // no such driver here
  }
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null; // this driver does not tell
  }
}
