import type { FinishedModel } from '../finished-model.ts';

/** transformers' classes of the encoders; null where it has none. */
export interface KnownClasses {
  image: string | null;
  text: string;
  /** A whole CLIP: one class for both. */
  isClip: boolean;
}

/** How the weights are loaded. The blocks of code are run by hand with the reference script. */
export function safetensorsReadme({ config, step }: FinishedModel, known: KnownClasses): string {
  const { image_encoder: image, text_encoder: text, fusion } = config.model;
  const isResnet = known.image === 'ResNetModel';
  return `# ${config.name}

A ${fusion.kind} model of ${image.name} and ${text.name}, trained by Tandem: step ${step}.

- \`image_encoder/\`${known.image ? `: transformers’ ${known.image}${isResnet ? '; `torchvision.safetensors` has the same arrays under torchvision’s names' : ''}` : ': arrays of the encoder'}
- \`text_encoder/\`: transformers’ ${known.text}${known.text === 'BertModel' ? ' (without pooler)' : ''} and its tokenizer
- \`head.safetensors\`: the projections into the shared space, the fusion's own arrays, and \`logit_scale\`, the logarithm of 1 / temperature
${known.isClip ? '- `clip/`: all of it as one CLIPModel of transformers\n' : ''}${fusion.kind === 'late' ? '' : '\nHow the fusion scores a pair is more than ten lines: `tandem export RUN --format onnx` writes it as pair.onnx.\n'}
${
  known.image
    ? `## Python

\`\`\`python
${known.isClip ? wholeClip : encoders(known.image, known.text, text.pooling, fusion.kind === 'late')}
\`\`\`
${isResnet ? torchvision(image.name) : ''}`
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

function encoders(image: string, text: string, pooling: 'mean' | 'cls', isLate: boolean): string {
  const without = ', add_pooling_layer=False';
  const isClip = image === 'CLIPVisionModel';
  const ofImage =
    image === 'ResNetModel'
      ? 'last_hidden_state.flatten(2).mean(2)'
      : isClip
        ? 'pooler_output'
        : 'last_hidden_state[:, 0]';
  const ofText =
    text !== 'BertModel'
      ? 'pooler_output'
      : pooling === 'mean'
        ? 'last_hidden_state.mean(1)'
        : 'last_hidden_state[:, 0]';
  return `import torch
from PIL import Image
from safetensors.torch import load_file
from torch.nn.functional import normalize
from transformers import AutoImageProcessor, AutoTokenizer, ${image}, ${text}

image_encoder = ${image}.from_pretrained("image_encoder"${image === 'ViTModel' ? without : ''}).eval()
text_encoder = ${text}.from_pretrained("text_encoder"${text === 'BertModel' ? without : ''}).eval()
head = load_file("head.safetensors")
pixels = AutoImageProcessor.from_pretrained("image_encoder")(Image.open("x.png").convert("RGB"), return_tensors="pt")
tokens = AutoTokenizer.from_pretrained("text_encoder")("a red apple", return_tensors="pt")
with torch.no_grad():
    seen = image_encoder(**pixels)
    read = text_encoder(**tokens)
${
  isLate
    ? `image = normalize(seen.${ofImage} @ head["image_projection.weight"].T, dim=-1)
text = normalize(read.${ofText} @ head["text_projection.weight"].T, dim=-1)
print(float(image[0] @ text[0]))`
    : 'print(seen.last_hidden_state.shape, read.last_hidden_state.shape, sorted(head))'
}`;
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
