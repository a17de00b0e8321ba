import { readdirSync, readFileSync } from 'node:fs';
import { basename, delimiter, join } from 'node:path';

/** Drivers that compute on the processor itself, by what their libraries or devices are called. */
const software: [RegExp, string][] = [
  [/swiftshader/i, 'SwiftShader'],
  [/vulkan_lvp|llvmpipe|lavapipe/i, 'llvmpipe'],
  [/Microsoft Basic (Render|Display)|\bWARP\b/i, 'Microsoft Basic Render Driver'],
];

/** What the driver in software is called whose library or device has this name; null for others. */
export const softwareDriver = (name: string): string | null =>
  software.find(([pattern]) => pattern.test(name))?.[1] ?? null;

/** Libraries of the Vulkan drivers that a process here would be offered, by the files that name them to Vulkan's loader. */
export function vulkanDrivers(env: NodeJS.ProcessEnv = process.env, root = '/'): string[] {
  const asked = env['VK_DRIVER_FILES'] || env['VK_ICD_FILENAMES'];
  const files = asked
    ? asked.split(delimiter)
    : ['etc', 'usr/share', 'usr/local/share'].flatMap((folder) =>
        manifestsIn(join(root, folder, 'vulkan/icd.d')),
      );
  return files.flatMap((file) => {
    const library = /"library_path"\s*:\s*"([^"]+)"/.exec(contentOf(file))?.[1];
    return library ? [basename(library)] : [];
  });
}

function manifestsIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => join(folder, name));
  } catch {
    return []; // no Vulkan there
  }
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // the loader passes over it too
  }
}
