import { yamlText } from '../edit/yaml-text.ts';
import { nearestName } from '../parse/nearest.ts';
import { unreplaced } from '../../text/paths.ts';
import { isRemote } from '../paths.ts';
import { withoutWeights, type Finding, type FindingFix, type View } from './finding.ts';
import { t } from '../../text/say.ts';

/** Whether the files and folders are there. */
export function checkFiles(view: View): Finding[] {
  const { experiment, facts } = view;
  const found: Finding[] = [];
  const { pairs } = experiment.data;
  const exists: Record<string, boolean | undefined> = { 'data.pairs': facts.data?.exists, ...facts.exists };
  if (pairs && exists['data.pairs'] === false)
    found.push({
      severity: 'error',
      code: 'file_not_found',
      message: isRemote(pairs)
        ? t('{0} is an address, and nothing is fetched from one; download it and name the file.', pairs)
        : t('File not found: {0} ({1}).', pairs, lookedFor(view, 'data.pairs', pairs)),
      paths: ['data.pairs'],
      value: pairs,
      fixes: nearFixes(view, 'data.pairs', pairs),
    });
  const others: [string, string | null][] = [
    ['data.val', experiment.data.val],
    ['data.image_root', experiment.data.image_root],
    ['model.weights', experiment.model.weights],
    ['model.image_encoder.weights', experiment.model.image_encoder.weights],
    ['model.text_encoder.weights', experiment.model.text_encoder.weights],
  ];
  for (const [path, value] of [...others, ['data.cache_dir', experiment.data.cache_dir] as const])
    if (value !== null && /^none$/i.test(value) && exists[path] !== true)
      found.push({
        severity: exists[path] === false ? 'error' : 'warning',
        code: 'none_is_text',
        message: t('{0} is read as the name of a file or folder; write null to have none.', value),
        paths: [path],
        value,
        fixes: withoutWeights(view, path),
      });
    else if (value !== null && exists[path] === false && !value.startsWith('hf:')) {
      const isWeights = path.endsWith('weights');
      const isHub = isWeights && /^[\w.-]+\/[\w.-]+$/.test(value);
      found.push({
        severity: 'error',
        code: 'file_not_found',
        message: t(
          isWeights || path === 'data.image_root'
            ? 'Folder not found: {0} ({1}){2}.'
            : 'File not found: {0} ({1}){2}.',
          value,
          lookedFor(view, path, value),
          isHub ? t('; a hub id is written hf:{0}', value) : '',
        ),
        paths: [path],
        value,
        fixes: [
          ...nearFixes(view, path, value),
          ...(isHub ? [{ set: path, to: yamlText(`hf:${value}`) }] : []),
          ...(path === 'data.val' ? [{ remove: path }] : withoutWeights(view, path)),
        ],
      });
    }
  return found;
}

/** How a path is understood: that is what its reader may not expect. */
function lookedFor({ facts }: View, path: string, value: string): string {
  const open = unreplaced(value);
  const full = facts.full_paths?.[path];
  if (open === null) return t('the path is relative to the experiment file');
  return full === undefined ? open : t('{0}, so {1} was looked for', open, full);
}

/** Files beside a misspelt one. */
function nearFixes({ facts, experiment }: View, path: string, value: string): FindingFix[] {
  const { pairs } = experiment.data;
  // Pairs that validate themselves are no help.
  const names = (facts.nearby?.[path] ?? []).filter((name) => name !== pairs);
  const sameLetters = names.filter(
    (name) => name.normalize('NFC').toLowerCase() === value.normalize('NFC').toLowerCase(),
  );
  const near = sameLetters[0] ?? nearestName(value, names);
  return near === null ? [] : [{ set: path, to: yamlText(near) }];
}
