import type { FinishedModel } from '../finished-model.ts';
import type { SideCode } from './side-code.ts';

/** How an encoder of either side is loaded. */
export interface Sides {
  image: SideCode | null;
  text: SideCode;
  /** A whole CLIP: one class for both. */
  isClip: boolean;
}

/** How the weights are loaded. The blocks of code are run by hand with the reference script. */
export function safetensorsReadme({ config, step }: FinishedModel, { image, text, isClip }: Sides): string {
  const { image_encoder, text_encoder, fusion } = config.model;
  return `# ${config.name}

A ${fusion.kind} model of ${image_encoder.name} and ${text_encoder.name}, trained by Tandem: step ${step}.

- \`image_encoder/\`: ${image?.what ?? 'arrays of the encoder'}
- \`text_encoder/\`: ${text.what}, and its tokenizer
- \`head.safetensors\`: the projections into the shared space, the fusion's own arrays, and \`logit_scale\`, the logarithm of 1 / temperature
${isClip ? '- `clip/`: all of it as one CLIPModel of transformers\n' : ''}${fusion.kind === 'late' ? '' : '\nHow the fusion scores a pair is more than ten lines: `tandem export RUN --format onnx` writes it as pair.onnx.\n'}
${
  image
    ? `## Python

\`\`\`python
${isClip ? wholeClip : encoders(image, text, fusion.kind === 'late')}
\`\`\`
${image.isResnet ? torchvision(image_encoder.name) : ''}`
    : 'transformers and torchvision do not have this image encoder; `tandem export RUN --format onnx` writes a whole model that runs in Python and JavaScript.\n'
}
JavaScript has no reader of these weights: \`tandem export RUN --format onnx\` writes files for ONNX Runtime, with ten lines that run them.
`;
}

const wholeClip = `import torch
from PIL import Image
from torch.nn.functional import normalize
from transformers import AutoImageProcessor, AutoTokenizer, CLIPModel

model = CLIPModel.from_pretrained("clip").eval()
pixels = AutoImageProcessor.from_pretrained("clip")(Image.open("x.png").convert("RGB"), return_tensors="pt")
tokens = AutoTokenizer.from_pretrained("clip")("a red apple", return_tensors="pt")
with torch.no_grad():
    found = model(**pixels, **tokens)
print(float(found.image_embeds[0] @ found.text_embeds[0]))`;

function encoders(image: SideCode, text: SideCode, isLate: boolean): string {
  const classes = [image, text].flatMap(({ name }) => name ?? []);
  const lines = [
    'import torch',
    ...(classes.length < 2 ? ['import onnxruntime'] : []),
    'from PIL import Image',
    'from safetensors.torch import load_file',
    'from torch.nn.functional import normalize',
    `from transformers import ${['AutoImageProcessor', 'AutoTokenizer', ...classes].join(', ')}`,
    '',
    `image_encoder = ${image.load}`,
    `text_encoder = ${text.load}`,
    'head = load_file("head.safetensors")',
    'pixels = AutoImageProcessor.from_pretrained("image_encoder")(Image.open("x.png").convert("RGB"), return_tensors="pt")',
    `tokens = AutoTokenizer.from_pretrained("text_encoder")("a red apple", ${text.tokenizing ?? ''}return_tensors="pt")`,
    'with torch.no_grad():',
    `    seen = ${image.run}`,
    `    read = ${text.run}`,
  ];
  return [
    ...lines,
    ...(isLate
      ? [
          `image = normalize(${image.vector} @ head["image_projection.weight"].T, dim=-1)`,
          `text = normalize(${text.vector} @ head["text_projection.weight"].T, dim=-1)`,
          'print(float(image[0] @ text[0]))',
        ]
      : [`print(${image.states}.shape, ${text.states}.shape, sorted(head))`]),
  ].join('\n');
}

const torchvision = (name: string): string => `
torchvision:

\`\`\`python
import torchvision
from safetensors.torch import load_file

model = torchvision.models.${name}()
print(model.load_state_dict(load_file("image_encoder/torchvision.safetensors"), strict=False).unexpected_keys)  # []; fc is not trained
\`\`\`
`;
