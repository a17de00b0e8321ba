import { rounded } from '../../text/numbers.ts';
import { parseDuration } from '../schema/duration.ts';
import { defaults, quote } from './explain-words.ts';
import type { Explain } from './explained.ts';
import { nearestName } from './nearest.ts';
import type { Setting } from '../schema/settings.ts';
import type { TreeNode } from '../document/tree.ts';
import { t } from '../../text/say.ts';

/** Why a value is not the length that is wanted. */
export function explainDuration(setting: Setting, node: TreeNode, at: Explain) {
  const name = setting.path;
  const parsed = node.kind === 'scalar' ? parseDuration(node.value) : null;
  const said = t('{0}: {1} is not a length', name, quote(node));
  if (parsed?.amount === 0)
    return at('bad_duration', t('{0}: it must be above zero.', said), defaults(setting));
  if (parsed?.unit === 'percent')
    return at('bad_duration', t('{0}: a run has at most 100%.', said), defaults(setting));
  return at(
    'bad_duration',
    t('{0}; examples: 5%, 100 steps, 1 epoch, 10000 samples.', said),
    fixes(setting, node),
  );
}

/** Lengths that a text is meant to be. */
function fixes(setting: Setting, node: TreeNode): string[] {
  const match = node.kind === 'scalar' ? /^(\d+(?:\.\d+)?|\.\d+)\s*([a-z%]+)?/i.exec(node.source) : null;
  if (!match) return ['1 epoch', '100 steps', '5%'];
  const [, amount, unit = ''] = match;
  const of = (words: string, count = amount!) =>
    `${count} ${Number(count) === 1 ? words.slice(0, -1) : words}`;
  if (/^(pct|per|%)/i.test(unit)) return [`${amount}%`];
  const near = nearestName(unit.toLowerCase(), ['steps', 'epochs', 'samples']);
  if (near) return [of(near)];
  const share = `${rounded(100 * Number(amount), 6)}%`;
  if (Number(amount) < 1) return setting.name === 'warmup' ? [share, of('epochs')] : [of('epochs'), share];
  return [of('steps', String(Math.round(Number(amount)))), of('epochs')];
}
