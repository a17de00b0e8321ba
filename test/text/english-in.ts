/** Names of people, programs and places that are the same in every language, and what is written as it stands in a file or a command. */
const names = [
  /Hugging Face/g,
  /ONNX Runtime/g,
  /TensorFlow\.js/g,
  /RN50|Linux|Flickr token|SigLIP|DINOv2/g,
  /man sbatch|module avail|export NAME=value|npm ci|node build\.mjs|tandem [a-z-]+/g,
  /\b\d[\d,]* (?:steps?|epochs?|samples?)\b/g,
  /`[^`]*`/g,
  /\{[^{}]*\}/g,
  /\[[^\][]*\]/g,
  /"[^"]*"|“[^”]*”/g,
];

/** Two English words in a row that a text has, though it should be in Chinese; null where there are none. */
export function englishIn(text: string): string | null {
  const rest = names.reduce((left, name) => left.replace(name, ' · '), text);
  return /\b[A-Za-z][a-z]+ [a-z]{2,}\b(?![.@/_])/.exec(rest)?.[0] ?? null;
}
