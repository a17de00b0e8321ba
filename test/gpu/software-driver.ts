import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Chromium's own Vulkan driver, which computes on the processor: right, and slow. */
const library = '/usr/lib/chromium/libvk_swiftshader.so';

export const hasSoftwareDriver = process.platform === 'linux' && existsSync(library);

/** Lets Vulkan find that driver alone; to be called before anything asks for a GPU. */
export function useSoftwareDriver(): void {
  process.env['VK_ICD_FILENAMES'] = manifest(library);
}

/** The file that names a driver to Vulkan's loader. */
function manifest(driver: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'tandem-vulkan-')), 'driver.json');
  const ICD = { library_path: driver, api_version: '1.3.0' };
  writeFileSync(file, JSON.stringify({ file_format_version: '1.0.0', ICD }));
  return file;
}

/** Environment of a process whose device is that driver's, and lost after so many submissions of work. */
export function losingDriver(submissions: number): Record<string, string> {
  const built = join(mkdtempSync(join(tmpdir(), 'tandem-losing-')), 'losing.so');
  const source = fileURLToPath(new URL('lost-device.c', import.meta.url));
  execFileSync('gcc', ['-shared', '-fPIC', '-o', built, source, '-ldl']);
  return {
    VK_ICD_FILENAMES: manifest(built),
    TANDEM_DRIVER: library,
    TANDEM_LOST_AFTER: String(submissions),
  };
}
