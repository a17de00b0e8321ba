import type { YamlDocument } from '../document/document.ts';
import type { Problem } from '../document/problem.ts';
import type { MapEntry } from '../document/tree.ts';
import type { Experiment } from '../schema/schema.ts';

/** An experiment file as read. */
export interface Parsed {
  /** null when there is any error. */
  experiment: Experiment | null;
  /** What could be read, faulty values replaced by their defaults (and a missing `data.pairs` by ""): for checks and forms while the file is being typed. */
  lenient: Experiment;
  /** In order of place. */
  problems: Problem[];
  /** Dotted keys that the file has, sections included. */
  explicit: Set<string>;
  /** Where each of them stands, by dotted key; sweep lists as `sweep.<dotted key>`. */
  places: Map<string, MapEntry>;
  document: YamlDocument;
}

/** What reading gathers on its way through a file. */
export interface Reading {
  document: YamlDocument;
  problems: Problem[];
  places: Map<string, MapEntry>;
}
