import { distance } from 'fastest-levenshtein';
import { sections, settings, type Section } from '../schema/settings.ts';

/** What an unknown key most likely means. */
export type Guess =
  | { kind: 'here'; name: string; why: 'spelling' | 'separator' }
  | { kind: 'elsewhere'; paths: string[]; why: 'place' | 'synonym' | 'spelling' }
  | { kind: 'none'; known: string[] };

/** Names that other tools use for our keys. */
const synonyms = new Map<string, string[]>(
  Object.entries({
    lr: ['optimizer.learning_rate'],
    learning_rates: ['optimizer.learning_rate'],
    base_lr: ['optimizer.learning_rate'],
    wd: ['optimizer.weight_decay'],
    bs: ['train.batch_size'],
    batch: ['train.batch_size'],
    per_device_train_batch_size: ['train.batch_size'],
    num_epochs: ['train.epochs'],
    max_epochs: ['train.epochs'],
    num_train_epochs: ['train.epochs'],
    max_steps: ['train.steps'],
    num_steps: ['train.steps'],
    warmup_steps: ['optimizer.schedule.warmup'],
    warmup_ratio: ['optimizer.schedule.warmup'],
    num_warmup_steps: ['optimizer.schedule.warmup'],
    lr_scheduler: ['optimizer.schedule'],
    scheduler: ['optimizer.schedule'],
    grad_clip: ['optimizer.clip_norm'],
    grad_clip_norm: ['optimizer.clip_norm'],
    max_grad_norm: ['optimizer.clip_norm'],
    gradient_clip_val: ['optimizer.clip_norm'],
    tau: ['loss.temperature'],
    logit_scale: ['loss.temperature'],
    adam_beta1: ['optimizer.beta1'],
    adam_beta2: ['optimizer.beta2'],
    img_size: ['data.image_size'],
    resolution: ['data.image_size'],
    csv_img_key: ['data.image_column'],
    csv_caption_key: ['data.caption_column'],
    csv_separator: ['data.delimiter'],
    separator: ['data.delimiter'],
    train_data: ['data.pairs'],
    csv: ['data.pairs'],
    path: ['data.pairs'],
    val_data: ['data.val'],
    val_split: ['data.val_fraction'],
    max_seq_length: ['data.max_length'],
    context_length: ['data.max_length'],
    random_seed: ['seed'],
    vision_encoder: ['model.image_encoder'],
    image_model: ['model.image_encoder'],
    text_model: ['model.text_encoder'],
    pretrained: ['model.image_encoder.weights', 'model.text_encoder.weights'],
    freeze: ['model.image_encoder.train', 'model.text_encoder.train'],
    backend: ['train.engine'],
    device: ['train.engine'],
    num_threads: ['train.threads'],
    augmentation: ['data.augment'],
  }),
);

/** Most likely meaning of a key `name` that stands in `section` and is not known there. */
export function guess(name: string, section: Section): Guess {
  const known = [...section.children.keys()];
  const plain = plainName(name);
  const same = known.find((one) => plainName(one) === plain);
  if (same) return { kind: 'here', name: same, why: /-/.test(name) ? 'separator' : 'spelling' };
  if (settings.has(name) || (sections.has(name) && name))
    return { kind: 'elsewhere', paths: [name], why: 'place' };

  const home = homes.get(plain);
  if (home) return { kind: 'elsewhere', paths: preferred(home, section), why: 'place' };
  const meant = synonyms.get(name.toLowerCase().replaceAll('-', '_'));
  if (meant) {
    const [only] = meant;
    const parent = only!.includes('.') ? only!.slice(0, only!.lastIndexOf('.')) : '';
    if (meant.length === 1 && parent === section.path)
      return { kind: 'here', name: only!.slice(parent ? parent.length + 1 : 0), why: 'spelling' };
    return { kind: 'elsewhere', paths: meant, why: 'synonym' };
  }

  const near = nearestName(name, known);
  if (near) return { kind: 'here', name: near, why: 'spelling' };
  const everywhere = nearestName(name, [...allNames.keys()], 2);
  if (everywhere && plain.length > 4)
    return { kind: 'elsewhere', paths: preferred(allNames.get(everywhere)!, section), why: 'spelling' };
  return { kind: 'none', known };
}

/** The known name that is nearest by edits, if it is near enough to be meant. */
export function nearestName(name: string, known: readonly string[], most = Infinity): string | null {
  let best: string | null = null;
  let least = Math.min(Math.max(1, Math.floor(Math.max(name.length, 3) * 0.4)), most) + 1;
  // A very long key is no misspelling, and comparing it would take time.
  if (name.length > 100) return null;
  const plain = plainName(name);
  for (const one of known) {
    if (Math.abs(one.length - name.length) >= least + 3) continue;
    const edits = Math.min(edit(name, one), edit(plain, one.replaceAll('_', '')));
    if (edits < least) {
      least = edits;
      best = one;
    }
  }
  return best;
}

/** Levenshtein's distance, where two neighbouring letters exchanged are one edit. */
function edit(a: string, b: string): number {
  if (a.length === b.length) {
    let first = 0;
    while (first < a.length && a[first] === b[first]) first++;
    if (
      first + 1 < a.length &&
      a[first] === b[first + 1] &&
      a[first + 1] === b[first] &&
      a.slice(first + 2) === b.slice(first + 2)
    )
      return 1;
  }
  return distance(a, b);
}

/** Dotted key that is nearest to a misspelt one: part by part, then as a whole. */
export function nearestPath(path: string, known: readonly string[]): string | null {
  const last = path.slice(path.lastIndexOf('.') + 1);
  const bySuffix = known.filter(
    (one) => one === path || one.endsWith(`.${path}`) || one.split('.').pop() === last,
  );
  if (bySuffix.length === 1) return bySuffix[0]!;
  const near = nearestName(path, known);
  if (near) return near;
  const meant = synonyms.get(path)?.filter((one) => known.includes(one));
  return meant?.[0] ?? bySuffix[0] ?? null;
}

const allNames = new Map<string, string[]>();
for (const path of [...settings.keys(), ...sections.keys()]) {
  const name = path.slice(path.lastIndexOf('.') + 1);
  if (name) allNames.set(name, [...(allNames.get(name) ?? []), path]);
}

/** Paths by plain name. */
const homes = new Map<string, string[]>();
for (const [name, paths] of allNames) homes.set(plainName(name), paths);

/** Letters and digits only, lower case, without accents: what separators and capitals do not change. */
function plainName(name: string): string {
  return name
    .normalize('NFD')
    .replace(/[\u0300-\u036f_\-\s.]/g, '')
    .toLowerCase();
}

/** Homes inside the section first, then those near the top. */
function preferred(paths: string[], section: Section): string[] {
  const inside = paths.filter((path) => section.path && path.startsWith(`${section.path}.`));
  if (inside.length) return inside;
  return [...paths].sort((a, b) => a.split('.').length - b.split('.').length);
}
