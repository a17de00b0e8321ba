import type { Gpu } from './gpus.ts';
import { toolOutput } from './tool.ts';

const command =
  'Get-CimInstance Win32_VideoController | Select-Object Name, AdapterRAM | ConvertTo-Json -Compress';

/** The video controllers that Windows lists, the ones that only draw in software among them. */
export async function gpusOfWindows(): Promise<Gpu[]> {
  const args = ['-NoProfile', '-NonInteractive', '-Command', command];
  return parseVideoControllers((await toolOutput('powershell.exe', args)) ?? '');
}

/** One object for one controller, a list for several. AdapterRAM has 32 bits, and says nothing of a device with 4 GB or more. */
export function parseVideoControllers(output: string): Gpu[] {
  let told: unknown;
  try {
    told = JSON.parse(output);
  } catch {
    return []; // PowerShell is missing or not allowed to run
  }
  const controllers = (Array.isArray(told) ? told : [told]) as { Name?: string; AdapterRAM?: number }[];
  return controllers.flatMap(({ Name: name, AdapterRAM: bytes }) =>
    name
      ? [
          {
            name,
            memoryTotal: bytes && bytes > 0 && bytes < 4293918720 ? bytes : null,
            memoryUsed: null,
            utilisation: null,
            pciAddress: null,
            source: 'Windows' as const,
          },
        ]
      : [],
  );
}
