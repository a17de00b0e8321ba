// What tools say in the forms that their makers document and that machines with such devices print.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gpusOfLinux } from '../../src/trainer/machine/linux-gpus.ts';
import { parseIoreg, parseSystemProfiler } from '../../src/trainer/machine/mac-gpus.ts';
import { parseNvidiaSmi } from '../../src/trainer/machine/nvidia-smi.ts';
import { namesOfLspci } from '../../src/trainer/machine/pci-names.ts';
import { toolOutput } from '../../src/trainer/machine/tool.ts';
import { parseVideoControllers } from '../../src/trainer/machine/windows-gpus.ts';

const MiB = 2 ** 20;
const nothing = { memoryTotal: null, memoryUsed: null, utilisation: null, pciAddress: null };

describe('nvidia-smi', () => {
  const told = (
    name: string,
    total: number | null,
    used: number | null,
    busy: number | null,
    at: string,
  ) => ({
    name,
    memoryTotal: total === null ? null : total * MiB,
    memoryUsed: used === null ? null : used * MiB,
    utilisation: busy,
    pciAddress: at,
    source: 'nvidia-smi',
  });

  it.each([
    [
      'two cards',
      '00000000:01:00.0, NVIDIA GeForce RTX 4070, 12282, 1043, 37\n00000000:C1:00.0, NVIDIA A100-SXM4-80GB, 81920, 0, 0\n',
      [
        told('NVIDIA GeForce RTX 4070', 12282, 1043, 0.37, '0000:01:00.0'),
        told('NVIDIA A100-SXM4-80GB', 81920, 0, 0, '0000:c1:00.0'),
      ],
    ],
    [
      'a domain that is not zero, and what a device does not tell',
      '00010000:00:00.0, NVIDIA H100 NVL, 95830, [N/A], [Not Supported]\r\n',
      [told('NVIDIA H100 NVL', 95830, null, null, '00010000:00:00.0')],
    ],
    [
      'a driver in trouble',
      "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.\n\n",
      [],
    ],
    [
      'a library of another version',
      'Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 550.54\n',
      [],
    ],
    ['no devices', 'No devices were found\n', []],
  ])('%s', (_case, output, expected) => expect(parseNvidiaSmi(output)).toEqual(expected));
});

it('lspci: names as a buyer knows them, of graphics devices alone', () => {
  const output = [
    '0000:00:02.0 "VGA compatible controller" "Intel Corporation" "Raptor Lake-P [Iris Xe Graphics]" -r04 "Lenovo" "Device 22d5"',
    '0000:00:1f.3 "Audio device" "Intel Corporation" "Raptor Lake-P/U/H cAVS" -r01 "Lenovo" "Device 22d5"',
    '0000:01:00.0 "3D controller" "NVIDIA Corporation" "AD107M [GeForce RTX 4050 Max-Q / Mobile]" -ra1 "" ""',
    '0000:03:00.0 "VGA compatible controller" "Advanced Micro Devices, Inc. [AMD/ATI]" "Navi 32 [Radeon RX 7700 XT / 7800 XT]" -rc8 "Sapphire Technology Limited" "Device e471"',
    '0000:04:00.0 "Display controller" "Intel Corporation" "DG2" ""  ""',
  ].join('\n');
  expect([...namesOfLspci(output)]).toEqual([
    ['0000:00:02.0', 'Intel Iris Xe Graphics'],
    ['0000:01:00.0', 'NVIDIA GeForce RTX 4050 Max-Q / Mobile'],
    ['0000:03:00.0', 'AMD Radeon RX 7700 XT / 7800 XT'],
    ['0000:04:00.0', 'Intel DG2'],
  ]);
});

it('system_profiler: Apple’s own without memory of theirs, a card with its own', () => {
  const output = `{ "SPDisplaysDataType" : [
    { "_name" : "Apple M2 Pro", "spdisplays_mtlgpufamilysupport" : "spdisplays_metal3", "spdisplays_ndrvs" : [ { "_name" : "Color LCD" } ],
      "spdisplays_vendor" : "sppci_vendor_Apple", "sppci_bus" : "spdisplays_builtin", "sppci_cores" : "19", "sppci_device_type" : "spdisplays_gpu", "sppci_model" : "Apple M2 Pro" },
    { "_name" : "kHW_AMDRadeonPro5500MItem", "spdisplays_vram" : "8 GB", "sppci_model" : "AMD Radeon Pro 5500M" } ] }`;
  expect(parseSystemProfiler(output)).toEqual([
    { ...nothing, name: 'Apple M2 Pro', source: 'system_profiler' },
    { ...nothing, name: 'AMD Radeon Pro 5500M', memoryTotal: 8 * 2 ** 30, source: 'system_profiler' },
  ]);
  expect(parseSystemProfiler('')).toEqual([]);
});

it('ioreg: the use of Apple’s devices', () => {
  const output = `+-o AGXAcceleratorG14X  <class AGXAcceleratorG14X, id 0x1000004c1, registered, matched, active, busy 0 (0 ms), retain 83>
    {
      "IOClass" = "AGXAcceleratorG14X"
      "gpu-core-count" = 19
      "PerformanceStatistics" = {"In use system memory (driver)"=0,"Alloc system memory"=1847721984,"Tiler Utilization %"=11,"recoveryCount"=0,"Renderer Utilization %"=10,"TiledSceneBytes"=524288,"Device Utilization %"=12,"SplitSceneCount"=0,"In use system memory"=348372992}
      "model" = "Apple M2 Pro"
    }
`;
  expect(parseIoreg(output)).toEqual([
    { ...nothing, name: 'Apple M2 Pro', memoryUsed: 348372992, utilisation: 0.12, source: 'ioreg' },
  ]);
});

it('Windows: one controller or several, and no memory where 32 bits do not hold it', () => {
  expect(parseVideoControllers('{"Name":"Microsoft Basic Display Adapter","AdapterRAM":0}\r\n')).toEqual([
    { ...nothing, name: 'Microsoft Basic Display Adapter', source: 'Windows' },
  ]);
  expect(
    parseVideoControllers(
      '[{"Name":"NVIDIA GeForce RTX 4070","AdapterRAM":4293918720},{"Name":"Intel(R) UHD Graphics 770","AdapterRAM":2147479552}]',
    ),
  ).toEqual([
    { ...nothing, name: 'NVIDIA GeForce RTX 4070', source: 'Windows' },
    { ...nothing, name: 'Intel(R) UHD Graphics 770', memoryTotal: 2147479552, source: 'Windows' },
  ]);
});

describe('Linux’s own files', () => {
  let root: string;
  beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'tandem-gpus-'))));
  afterEach(() => rmSync(root, { recursive: true }));
  const file = (name: string, content: string): void => {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  };
  const card = (number: number, address: string, contents: Record<string, string>): void => {
    for (const [name, content] of Object.entries(contents))
      file(`sys/devices/${address}/${name}`, `${content}\n`);
    mkdirSync(join(root, `sys/class/drm/card${number}`), { recursive: true });
    symlinkSync(`../../../devices/${address}`, join(root, `sys/class/drm/card${number}/device`));
  };

  it('none', async () => expect(await gpusOfLinux(root)).toEqual([]));

  it('amdgpu tells memory and load; a server’s console is no device', async () => {
    card(0, '0000:0b:00.0', { vendor: '0x1a03', device: '0x2000' }); // an ASPEED
    card(1, '0000:03:00.0', {
      vendor: '0x1002',
      device: '0x747e',
      product_name: 'AMD Instinct MI210',
      mem_info_vram_total: '68702699520',
      mem_info_vram_used: '1073741824',
      gpu_busy_percent: '64',
    });
    card(2, '0000:00:02.0', { vendor: '0x8086', device: '0xa7a0' });
    file('sys/class/drm/card1-HDMI-A-1/status', 'connected\n');
    expect(await gpusOfLinux(root)).toEqual([
      {
        name: 'AMD Instinct MI210',
        memoryTotal: 68702699520,
        memoryUsed: 1073741824,
        utilisation: 0.64,
        pciAddress: '0000:03:00.0',
        source: '/sys/class/drm',
      },
      { ...nothing, name: 'Intel graphics 0xa7a0', pciAddress: '0000:00:02.0', source: '/sys/class/drm' },
    ]);
  });

  it('NVIDIA’s driver tells the name where nvidia-smi is missing, and its card is not told twice', async () => {
    card(0, '0000:01:00.0', { vendor: '0x10de', device: '0x2786' });
    file(
      'proc/driver/nvidia/gpus/0000:01:00.0/information',
      'Model: \t\t NVIDIA GeForce RTX 4070\nIRQ:   \t\t 184\nGPU UUID: \t GPU-5f1c5d2b-5a11-6f0a-7e0b-cc3f2b9d6a11\nVideo BIOS: \t 95.04.69.00.01\nBus Type: \t PCIe\nBus Location: \t 0000:01:00.0\nDevice Minor: \t 0\n',
    );
    const before = process.env['PATH'];
    process.env['PATH'] = root; // nothing is there
    try {
      expect(await gpusOfLinux(root)).toEqual([
        {
          ...nothing,
          name: 'NVIDIA GeForce RTX 4070',
          pciAddress: '0000:01:00.0',
          source: 'the NVIDIA driver',
        },
      ]);
    } finally {
      process.env['PATH'] = before;
    }
  });
});

describe('a tool', () => {
  it('that is missing or fails says nothing', async () => {
    expect(await toolOutput('tandem-no-such-tool', [])).toBeNull();
    expect(await toolOutput(process.execPath, ['-e', 'console.log(1); process.exit(9)'])).toBeNull();
    expect(await toolOutput(process.execPath, ['-e', 'console.log(1)'])).toBe('1\n');
  });

  it('that hangs is ended', async () => {
    const started = performance.now();
    expect(
      await toolOutput(process.execPath, [
        '-e',
        'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)',
      ]),
    ).toBeNull();
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
