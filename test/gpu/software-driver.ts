import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Chromium's own Vulkan driver, which computes on the processor: right, and slow. */
const library = '/usr/lib/chromium/libvk_swiftshader.so';

export const hasSoftwareDriver = process.platform === 'linux' && existsSync(library);

/** Lets Vulkan find that driver alone; to be called before anything asks for a GPU. */
export function useSoftwareDriver(): void {
  const file = join(mkdtempSync(join(tmpdir(), 'tandem-vulkan-')), 'swiftshader.json');
  writeFileSync(
    file,
    JSON.stringify({ file_format_version: '1.0.0', ICD: { library_path: library, api_version: '1.3.0' } }),
  );
  process.env['VK_ICD_FILENAMES'] = file;
}
