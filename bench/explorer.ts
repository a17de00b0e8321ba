import { buildTree } from '../src/extension/tree/nodes.ts';
import type { TreeNode, TreeOptions } from '../src/extension/tree/nodes.ts';
import { describeRun } from '../src/extension/tree/describe.ts';
import type { RunEntry } from '../src/extension/runs/run-entry.ts';
import { fakeSweep } from '../test/panel/host/fake-runs.ts';

/*
 * What the explorer's own work is from 1,000 runs to their rows, in Node: what VS Code does with the rows is not in it.
 *   npm run bench -- explorer [--json]
 *   tree_1000_ms, rows_1000_ms   the tree as it is built after each change, and what stands in all of its rows; median of 21
 *   first_1000_ms                both the first time
 */

const sweep = fakeSweep(6);
const runs = Array.from({ length: 1_000 }, (_, i): RunEntry => {
  const { file, status, settings } = sweep[i % sweep.length]!;
  const id = `${file!.id}-${i}`;
  const own = { ...file!, id, settings, created: 1e12 + i };
  return { dir: `/runs/${id}`, baseDir: '/', file: own, status, foreign: false, problem: null, live: null };
});
const options: TreeOptions = {
  groupBy: 'experiment',
  sortBy: 'best',
  filter: () => true,
  experiments: [],
  shown: new Map<string, number>(),
};

let rows = 0;
function describeAll(nodes: TreeNode[]): void {
  for (const node of nodes)
    if (node.kind === 'run') rows += describeRun(node.run, 2e12) ? 1 : 0;
    else if (node.kind !== 'more') describeAll(node.children);
}

const times = Array.from({ length: 21 }, () => {
  const start = performance.now();
  const tree = buildTree(runs, options);
  const built = performance.now();
  describeAll(tree);
  return { tree: built - start, rows: performance.now() - built };
});
const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!;
const tenth = (ms: number): number => Math.round(ms * 10) / 10;
const result = {
  tree_1000_ms: tenth(median(times.map(({ tree }) => tree))),
  rows_1000_ms: tenth(median(times.map((time) => time.rows))),
  first_1000_ms: tenth(times[0]!.tree + times[0]!.rows),
  rows: rows / times.length,
};
if (!process.argv.includes('--json')) console.table(result);
console.log(JSON.stringify(result));
