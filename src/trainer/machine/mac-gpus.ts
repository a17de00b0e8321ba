import type { Gpu } from './gpus.ts';
import { toolOutput } from './tool.ts';

/** The devices that system_profiler lists. */
export async function gpusOfMac(): Promise<Gpu[]> {
  return parseSystemProfiler((await toolOutput('system_profiler', ['-json', 'SPDisplaysDataType'])) ?? '');
}

/** Those that the kernel's accelerators tell the use of. */
export async function useOfMac(): Promise<Gpu[]> {
  return parseIoreg((await toolOutput('ioreg', ['-r', '-d', '1', '-w', '0', '-c', 'IOAccelerator'])) ?? '');
}

/** `{"SPDisplaysDataType": [{"sppci_model": "Apple M2 Pro", …}]}`; Apple's own share the machine's memory and name none of theirs. */
export function parseSystemProfiler(output: string): Gpu[] {
  const { SPDisplaysDataType: displays = [] } = parsed(output) as {
    SPDisplaysDataType?: { sppci_model?: string; _name?: string; spdisplays_vram?: string }[];
  };
  return displays.flatMap(({ sppci_model: model, _name, spdisplays_vram: memory = '' }) => {
    const name = model ?? _name;
    const [, size, unit] = /^(\d+) (MB|GB)$/.exec(memory) ?? [];
    return name
      ? [
          {
            name,
            memoryTotal: size ? Number(size) * (unit === 'GB' ? 2 ** 30 : 2 ** 20) : null,
            memoryUsed: null,
            utilisation: null,
            pciAddress: null,
            source: 'system_profiler' as const,
          },
        ]
      : [];
  });
}

function parsed(output: string): object {
  try {
    return JSON.parse(output) as object;
  } catch {
    return {}; // the tool is missing, or older than its JSON
  }
}

/** Properties as `"model" = "Apple M2 Pro"` and `"PerformanceStatistics" = {"Device Utilization %"=12,"In use system memory"=348372992,…}`. */
export function parseIoreg(output: string): Gpu[] {
  return output.split(/^\+-o /m).flatMap((entry) => {
    const name = /"model" = (?:"([^"]+)"|<"([^"]+)">)/.exec(entry)?.slice(1).find(Boolean);
    const statistics = /"PerformanceStatistics" = \{([^}]*)\}/.exec(entry)?.[1];
    if (!name || statistics === undefined) return [];
    const value = (key: string): number | null => {
      const text = new RegExp(`"${key}"=(\\d+)`).exec(statistics)?.[1];
      return text === undefined ? null : Number(text);
    };
    const busy = value('Device Utilization %');
    return [
      {
        name,
        memoryTotal: null,
        memoryUsed: value('In use system memory'),
        utilisation: busy === null ? null : busy / 100,
        pciAddress: null,
        source: 'ioreg' as const,
      },
    ];
  });
}
