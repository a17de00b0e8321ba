import { toolOutput } from './tool.ts';

/** What lspci says of all devices, in its form for programs; empty where it is missing. */
export const toolNames = async (): Promise<string> => (await toolOutput('lspci', ['-D', '-mm'])) ?? '';

/** Names by PCI address from lines as `0000:03:00.0 "VGA compatible controller" "Advanced Micro Devices, Inc. [AMD/ATI]" "Navi 32 [Radeon RX 7800 XT]" …`. */
export function namesOfLspci(output: string): Map<string, string> {
  const names = new Map<string, string>();
  for (const line of output.split('\n')) {
    const address = /^[\da-f]{4}:[\da-f]{2}:[\da-f]{2}\.\d/.exec(line)?.[0];
    const [kind, maker, device] = [...line.matchAll(/"([^"]*)"/g)].map(([, text]) => text!);
    if (!address || !kind || !maker || !device || !/VGA|3D|Display/.test(kind)) continue;
    // What a buyer knows stands in brackets behind the chip's name.
    const product = /\[([^\]]+)\]\s*$/.exec(device)?.[1] ?? device;
    names.set(address, `${shortMaker(maker)} ${product}`);
  }
  return names;
}

const shortMaker = (maker: string): string =>
  /\[AMD/.test(maker)
    ? 'AMD'
    : /nvidia/i.test(maker)
      ? 'NVIDIA'
      : maker.replace(/ (Corporation|Inc\.?)$/, '');
