import type { FinishedModel } from '../finished-model.ts';

/** How the weights are loaded. `isKnown`: transformers has both encoders. The block of code is run by hand with the reference script. */
export function safetensorsReadme({ config, step }: FinishedModel, isKnown: boolean): string {
  const { image_encoder: image, text_encoder: text, fusion } = config.model;
  const pooled = text.pooling === 'mean' ? 'states.mean(1)' : 'states[:, 0]';
  const similarity =
    fusion.kind === 'late'
      ? `image = normalize(regions.mean(1) @ head["image_projection.weight"].T, dim=-1)
text = normalize(${pooled} @ head["text_projection.weight"].T, dim=-1)
print(float(image[0] @ text[0]))`
      : `print(regions.shape, states.shape, sorted(head))`;
  return `# ${config.name}

A ${fusion.kind} model of ${image.name} and ${text.name}, trained by Tandem: step ${step}.

- \`image_encoder/\`${isKnown ? ': transformers’ ResNetModel; `torchvision.safetensors` has the same arrays under torchvision’s names' : ': arrays of the encoder'}
- \`text_encoder/\`: transformers’ BertModel (without pooler) and its tokenizer
- \`head.safetensors\`: the projections into the shared space, the fusion's own arrays, and \`logit_scale\`, the logarithm of 1 / temperature
${fusion.kind === 'late' ? '' : '\nHow the fusion scores a pair is more than ten lines: `tandem export RUN --format onnx` writes it as pair.onnx.\n'}
${
  isKnown
    ? `## Python

\`\`\`python
import torch
from PIL import Image
from safetensors.torch import load_file
from torch.nn.functional import normalize
from transformers import AutoImageProcessor, AutoModel, AutoTokenizer

image_encoder = AutoModel.from_pretrained("image_encoder").eval()
text_encoder = AutoModel.from_pretrained("text_encoder", add_pooling_layer=False).eval()
head = load_file("head.safetensors")
pixels = AutoImageProcessor.from_pretrained("image_encoder")(Image.open("x.png").convert("RGB"), return_tensors="pt")
tokens = AutoTokenizer.from_pretrained("text_encoder")("a red apple", return_tensors="pt")
with torch.no_grad():
    regions = image_encoder(**pixels).last_hidden_state.flatten(2).transpose(1, 2)
    states = text_encoder(**tokens).last_hidden_state
${similarity}
\`\`\`

torchvision:

\`\`\`python
import torchvision
from safetensors.torch import load_file

model = torchvision.models.${image.name}()
print(model.load_state_dict(load_file("image_encoder/torchvision.safetensors"), strict=False).unexpected_keys)  # []; fc is not trained
\`\`\`
`
    : 'transformers and torchvision do not have this image encoder; `tandem export RUN --format onnx` writes a whole model that runs in Python and JavaScript.\n'
}
JavaScript has no reader of these weights: \`tandem export RUN --format onnx\` writes files for ONNX Runtime, with ten lines that run them.
`;
}
