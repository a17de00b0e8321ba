import { computed, signal } from '@preact/signals';
import type {
  AttentionAsk,
  CaptionsFound,
  EmbeddingMap,
  ImagesFound,
  IndexFacts,
  MapAsk,
  ModelAnswer,
  ModelAsk,
  ModelCall,
  ModelFacts,
  ModelQuestion,
  WordAttention,
  WrongPairs,
} from '../../src/protocol/inference.ts';
import type { RunView } from '../../src/protocol/panel.ts';
import { askFor } from '../model/host.ts';
import { runs, shown } from '../model/panel-model.ts';

/** What the Explore tab shows; it stays while other tabs are open. */
export const chosenRun = signal<string | null>(null);
const chosenFolder = signal<string | null>(null);
export const facts = signal<ModelFacts | null>(null);
export const index = signal<IndexFacts | null>(null);
/** Words as they are typed, or the path of an image. */
export const words = signal('');
export const image = signal<string | null>(null);
export const images = signal<ImagesFound | null>(null);
export const captions = signal<CaptionsFound | null>(null);
export const wrong = signal<WrongPairs | null>(null);
/** An image and a caption whose words look at it, and where. */
export const looked = signal<AttentionAsk | null>(null);
export const attended = signal<WordAttention | null>(null);
export const map = signal<EmbeddingMap | null>(null);
/** Why the last question has no answer. */
export const problem = signal<string | null>(null);
/** Questions that are not answered yet. */
export const asking = signal<readonly ModelCall[]>([]);

const shownHits = 24;
const wrongShown = 30;
/** Typed words are searched when the typing rests so long. */
const restMs = 150;
/** The folder is looked at again when it was not for so long. */
const staleMs = 10_000;

/** Runs that may have a checkpoint. */
export const candidates = computed(() =>
  runs.value.filter((run) => !run.foreign && !run.problem && (run.file?.step ?? 0) > 0),
);

export const run = computed((): RunView | null => {
  const all = candidates.value;
  const wanted = chosenRun.value ?? all.find(({ id }) => shown.value.includes(id))?.id;
  return all.find(({ id }) => id === wanted) ?? all[0] ?? null;
});

export const folder = computed(() => chosenFolder.value ?? facts.value?.folder ?? null);

let factsOf: string | null = null;
let typing: ReturnType<typeof setTimeout>;
let lastLook = -Infinity;
let lastSearch = 0;

/** Opens the model of the chosen run, unless it is open. */
export async function openRun(): Promise<void> {
  const id = run.value?.id ?? null;
  if (id === factsOf) return;
  factsOf = id;
  for (const one of [facts, index, images, captions, wrong, looked, attended, map, problem]) one.value = null;
  lastLook = -Infinity;
  if (id === null) return;
  const found = await question('facts', {});
  if (run.value?.id === id) facts.value = found;
  // Whoever comes back may try again.
  if (!found && factsOf === id) factsOf = null;
}

function chooseFolder(path: string): void {
  chosenFolder.value = path;
  index.value = null;
  images.value = null;
  lastLook = -Infinity;
}

/** Words change while they are typed: searched as soon as typing rests, where the folder has been computed. */
export function typeWords(text: string): void {
  words.value = text;
  image.value = null;
  clearTimeout(typing);
  if (index.value && text.trim() !== '') typing = setTimeout(() => void search(), restMs);
}

/** Searches by the words, or by the image where one is given. */
export async function search(): Promise<void> {
  clearTimeout(typing);
  const mine = ++lastSearch;
  const place = folder.value;
  problem.value = null;
  if (place !== null && !index.value && !(await look(place))) return;
  if (image.value !== null) {
    const found = await question('image', { image: image.value, folder: place, top: shownHits });
    if (found && mine === lastSearch) [images.value, captions.value] = [found.images, found.captions];
  } else if (place !== null && words.value.trim() !== '') {
    const found = await question('words', { words: words.value, folder: place, top: shownHits });
    if (found && mine === lastSearch) [images.value, captions.value] = [found, null];
  }
  if (place === null || performance.now() - lastLook < staleMs) return;
  const before = index.value;
  if ((await look(place)) && before && isChanged(index.value!) && mine === lastSearch) await search();
}

const isChanged = ({ added, removed }: IndexFacts): boolean => added + removed > 0;

/** Brings the folder's index up to date; false when that failed or was cancelled. */
async function look(place: string): Promise<boolean> {
  const found = await question('index', { folder: place });
  if (!found || place !== folder.value) return false;
  index.value = found;
  lastLook = performance.now();
  return true;
}

export async function findWrong(): Promise<void> {
  problem.value = null;
  wrong.value = await question('wrongPairs', { top: wrongShown });
}

/** Shows where the words of a caption look in an image. */
export async function lookAt(ask: AttentionAsk): Promise<void> {
  problem.value = null;
  looked.value = ask;
  attended.value = null;
  const found = await question('attention', ask);
  if (looked.value === ask) attended.value = found;
}

/** Lets a person measure the model on other pairs, or export it; then what is known of it is asked again. */
export async function useModel(command: 'evaluate' | 'exportModel'): Promise<void> {
  const id = run.value?.id;
  if (id === undefined) return;
  problem.value = null;
  const { error } = await askFor({ kind: 'command', command, run: id });
  if (error !== null) problem.value = error;
  if (command === 'evaluate') facts.value = (await question('facts', {})) ?? facts.value;
}

export async function drawMap(ask: MapAsk): Promise<void> {
  problem.value = null;
  map.value = (await question('map', ask)) ?? map.value;
}

export async function pick(what: 'image' | 'folder'): Promise<void> {
  const { value } = await askFor({ kind: 'pick', what, from: folder.value });
  if (typeof value !== 'string') return;
  if (what === 'folder') chooseFolder(value);
  else searchByImage(value);
}

export function searchByImage(path: string): void {
  image.value = path;
  words.value = '';
  void search();
}

export const stop = (call: ModelCall): void => void askFor({ kind: 'stopModel', call });

/** The answer; null where there is none: why, `problem` says, unless it was cancelled. */
export async function question<Call extends ModelCall>(
  call: Call,
  ask: ModelAsk<Call>,
): Promise<ModelAnswer<Call> | null> {
  const id = run.value?.id;
  if (id === undefined) return null;
  asking.value = [...asking.value, call];
  const { error, value } = await askFor({ kind: 'model', run: id, question: { call, ask } as ModelQuestion });
  const at = asking.value.indexOf(call);
  asking.value = asking.value.filter((_, other) => other !== at);
  if (error !== null) problem.value = error;
  return error === null ? ((value ?? null) as ModelAnswer<Call> | null) : null;
}
