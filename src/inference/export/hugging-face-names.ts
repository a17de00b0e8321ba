/** torchvision's names of a residual network as transformers' ResNetModel has them; the reverse of what loading does. */
export function transformersName(name: string): string {
  const kind = (part: string): string => (part === 'conv' ? 'convolution' : 'normalization');
  return name
    .replace(/^(conv|bn)1\./, (_, part: string) => `embedder.embedder.${kind(part)}.`)
    .replace(
      /^layer(\d+)\.(\d+)\.(conv|bn)(\d+)\./,
      (_, stage: string, block: string, part: string, layer: string) =>
        `encoder.stages.${Number(stage) - 1}.layers.${block}.layer.${Number(layer) - 1}.${kind(part)}.`,
    )
    .replace(
      /^layer(\d+)\.(\d+)\.downsample\.(\d)\./,
      (_, stage: string, block: string, part: string) =>
        `encoder.stages.${Number(stage) - 1}.layers.${block}.shortcut.${part === '0' ? 'convolution' : 'normalization'}.`,
    );
}
