import {
  Composer,
  Parser,
  type CST,
  type Document,
  type ParsedNode,
  type YAMLParseError,
  type YAMLWarning,
} from 'yaml';
import { sourceOf, type Source } from './source.ts';
import { buildTree } from './build.ts';
import type { TreeNode, TreeProblem } from './tree.ts';
import { t } from '../../text/say.ts';

/** A file read as YAML, before anything of experiments is known. */
export interface YamlDocument {
  source: Source;
  /** What its first document holds; null: an empty file, or one that could not be composed at all. */
  tree: TreeNode | null;
  treeProblems: TreeProblem[];
  errors: readonly YAMLParseError[];
  warnings: readonly YAMLWarning[];
  /** Where a second document starts, if there is one. */
  second: { start: number; end: number } | null;
  tokens: readonly CST.Token[];
}

let last: YamlDocument | null = null;

/** Reads a text as YAML 1.2, or as what its %YAML line says. Never throws. The last text is kept, since checks, hovers and edits ask for the same one. */
export function readYaml(text: string): YamlDocument {
  if (last?.source.text !== text) last = read(text);
  return last;
}

function read(text: string): YamlDocument {
  const source = sourceOf(text);
  const nothing = { source, tree: null, treeProblems: [], warnings: [], second: null, tokens: [] };
  try {
    const tokens = [...new Parser().parse(text)];
    const composer = new Composer({
      keepSourceTokens: true,
      prettyErrors: false,
      uniqueKeys: false,
      logLevel: 'silent',
      merge: false,
    });
    const documents = [...composer.compose(tokens, true, text.length)] as Document.Parsed<ParsedNode>[];
    const first = documents[0] ?? null;
    const { tree, problems } = buildTree(first?.contents ?? null, text);
    return {
      source,
      tree,
      treeProblems: problems,
      errors: first?.errors ?? [],
      warnings: first?.warnings ?? [],
      second: documents.length > 1 ? secondDocument(tokens, text) : null,
      tokens,
    };
  } catch (error) {
    // The YAML reader recurses: brackets nested by the thousand exhaust the stack. Nothing else is known to throw.
    const message =
      error instanceof RangeError
        ? t('Nested too deeply to be read.')
        : t('Not readable as YAML: {0}.', String(error));
    const failure = {
      pos: [source.bom, source.bom + 1],
      code: 'IMPOSSIBLE',
      message,
    } as unknown as YAMLParseError;
    return { ...nothing, errors: [failure] };
  }
}

function secondDocument(tokens: readonly CST.Token[], text: string): { start: number; end: number } {
  const found = tokens.filter((token): token is CST.Document => token.type === 'document')[1];
  const marker = found?.start.find((token) => token.type === 'doc-start');
  if (marker) return { start: marker.offset, end: marker.offset + marker.source.length };
  const start = found?.value && 'offset' in found.value ? found.value.offset : (found?.offset ?? text.length);
  return { start, end: Math.min(start + 1, text.length) };
}
