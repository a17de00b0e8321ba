import type { OtherEvaluation } from './evaluation.ts';

/**
 * What is asked of a finished model and what it answers: the one table for the program that holds the model, the command line and the
 * panel. The program reads one `ModelRequest` a line on standard input and writes one `ModelLine` a line on standard output.
 */
export interface ModelCalls {
  /** Which model this is. */
  facts: Call<Record<never, never>, ModelFacts>;
  /** Brings the index of a folder up to date: images that came, changed or went since. */
  index: Call<{ folder: string }, IndexFacts>;
  /** The images of a folder that are nearest to some words. */
  words: Call<{ words: string; folder: string; top: number }, ImagesFound>;
  /** The images of a folder and the captions of the run's data that are nearest to an image. */
  image: Call<
    { image: string; folder: string | null; top: number },
    { images: ImagesFound | null; captions: CaptionsFound }
  >;
  /** Small pictures of images by their paths, as `data:` URLs; empty for one that cannot be read. */
  thumbnails: Call<{ images: string[] }, string[]>;
  /** Where each word of a caption looks in an image; only for `cross_attention`. */
  attention: Call<AttentionAsk, WordAttention>;
  /** The validation side's images and captions as points of a plane. */
  map: Call<MapAsk, EmbeddingMap>;
  /** The pairs of the validation side whose caption finds its image last; only those that do not find it first. */
  wrongPairs: Call<{ top: number }, WrongPairs>;
  /** Searches by captions of the validation side, spread evenly over it. */
  heldOut: Call<{ count: number; top: number }, HeldOutSearches>;
  /** Recall on other pairs. Kept in the run folder, as the next is. */
  measure: Call<MeasureAsk, OtherEvaluation>;
  /** How many images get their label. */
  zeroShot: Call<ZeroShotAsk, OtherEvaluation>;
  /** Files for other programs. */
  export: Call<ExportAsk, Exported>;
}

interface Call<Ask, Answer> {
  ask: Ask;
  answer: Answer;
}

export type ModelCall = keyof ModelCalls;
export type ModelAsk<Name extends ModelCall> = ModelCalls[Name]['ask'];
export type ModelAnswer<Name extends ModelCall> = ModelCalls[Name]['answer'];

export type ModelQuestion = { [Name in ModelCall]: { call: Name; ask: ModelAsk<Name> } }[ModelCall];

export type ModelRequest =
  | ({ id: number } & ModelQuestion)
  /** Nobody wants the answer any more: what was begun ends where it can go on later. */
  | { cancel: number };

export type ModelLine =
  | { id: number; answer: unknown }
  | { id: number; error: { what: string; todo: string; code: string } }
  | { id: number; progress: ModelProgress };

export interface ModelProgress {
  done: number;
  total: number;
  /** An estimate; null before there is one. */
  leftMs: number | null;
}

export interface ModelFacts {
  /** The step of the checkpoint, and whether it is the best by the run's deciding metric or only the newest. */
  step: number;
  isBest: boolean;
  /** Its run ended at chance: what it finds is no better than a guess. */
  isAtChance: boolean;
  fusion: string;
  /** `onnx (cpu, 2 threads)` */
  engine: string;
  /** Folder that the images of the run's data lie in; null where they lie in shards. */
  folder: string | null;
  /** What it reached on other data, oldest first. */
  evaluations: OtherEvaluation[];
}

/** A list of pairs, with its columns where they have other names than the run's data. */
export interface MeasureAsk {
  data: string;
  image_column?: string | undefined;
  caption_column?: string | undefined;
  image_root?: string | undefined;
}

export interface ZeroShotAsk extends MeasureAsk {
  labels: string[];
  /** Each with `{}` where the label stands. */
  templates: string[];
}

export interface ExportAsk {
  format: 'onnx' | 'safetensors' | 'projector';
  folder: string;
}

export interface Exported {
  folder: string;
  files: { name: string; bytes: number }[];
  /** What should be known of them: sentences. */
  notes: string[];
}

export interface IndexFacts {
  folder: string;
  images: number;
  /** Computed now; taken out because their files went. */
  added: number;
  removed: number;
  /** Files that look like images and cannot be read, with why; at most 20 of them. */
  unreadable: { name: string; reason: string }[];
  unreadableCount: number;
}

export interface ImagesFound {
  folder: string;
  hits: ImageHit[];
  /** Images that were compared. */
  images: number;
  /** Of the pooled similarities of all images: what an image scores that has nothing to do with the words. */
  mean: number;
  deviation: number;
  /** Images that the fusion itself scored, the nearest by pooled similarity; 0 where it has no scores of its own. */
  rescored: number;
  /** Tokens of the words, the last ones, that are more than the model reads. */
  unread: number;
}

export interface ImageHit {
  /** Path from the folder, with forward slashes. */
  name: string;
  /** What the hits are ordered by: the fusion's score where it has one, the pooled similarity elsewhere. */
  score: number;
  similarity: number;
}

export interface CaptionsFound {
  hits: { caption: string; score: number; similarity: number }[];
  /** Different captions that were compared, and how many the data has. */
  captions: number;
  of: number;
}

export interface MapAsk {
  method: 'pca' | 'umap';
  /** Of the list of pairs; each point gets its value. */
  column: string | null;
}

export interface EmbeddingMap {
  method: MapAsk['method'];
  points: MapPoint[];
  /** Pairs on the validation side, and how many of them, spread evenly, are here. */
  pairs: number;
  sampled: number;
  /** Columns that points can be coloured by, and the one whose values they have. */
  columns: string[];
  column: string | null;
  /** Shares of all variance along the two axes of a PCA. */
  explained: [number, number] | null;
  umap: { neighbors: number; minDist: number; epochs: number; seed: number } | null;
}

export interface MapPoint {
  x: number;
  y: number;
  kind: 'image' | 'caption';
  /** As the data names it; its own file where it has one. */
  image: string;
  file: string | null;
  caption: string;
  value: string | null;
}

export interface AttentionAsk {
  /** Path of an image file. */
  image: string;
  caption: string;
}

export interface WordAttention {
  /** What the model sees of the image, as a `data:` URL; empty where it cannot be drawn. */
  picture: string;
  /** Regions lie on a grid of so many rows and columns. */
  side: number;
  heads: number;
  words: AttendingWord[];
}

export interface AttendingWord {
  text: string;
  /** For each layer the share of each region, row by row, averaged over heads and over the word's pieces: a layer's sum to 1. */
  shares: number[][];
}

export interface HeldOutSearches {
  step: number;
  isBest: boolean;
  /** Captions and images on the validation side. */
  captions: number;
  images: number;
  searches: HeldOutSearch[];
}

export interface HeldOutSearch {
  caption: string;
  /** Where it finds its own image; 1 is right. */
  rank: number;
  /** Nearest first. */
  hits: { image: string; thumbnail: string; isRight: boolean }[];
}

export interface WrongPairs {
  pairs: WrongPair[];
  /** Captions and images on the validation side that were ranked. */
  captions: number;
  images: number;
}

export interface WrongPair {
  caption: string;
  /** As the data names it. */
  image: string;
  /** `data:` URL; empty where the image cannot be read. */
  thumbnail: string;
  /** Where the caption finds its image, and where the image finds the first of its captions; 1 is right. */
  rank: number;
  captionRank: number;
  /** What the caption finds first instead. */
  found: { image: string; thumbnail: string; captions: string[] };
}
