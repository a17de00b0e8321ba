import type { Parsed } from './parsed.ts';
import type { Fix, Problem } from '../document/problem.ts';
import { rangeOf } from '../document/source.ts';
import { removeEdits } from '../edit/remove.ts';
import { yamlText } from '../edit/yaml-text.ts';
import { otherName, recallName } from '../schema/metric-names.ts';
import { trialValues } from '../sweep.ts';
import { valuePlace } from './value-place.ts';
import { listed } from '../../text/words.ts';
import { t } from '../../text/say.ts';

/** Errors that take more than one key to see. */
export function checkRules(parsed: Parsed): Problem[] {
  return [
    ...exclusive(parsed, 'data.val_fraction', 'data.val'),
    ...exclusive(parsed, 'train.steps', 'train.epochs'),
    ...exclusive(parsed, 'sweep.train.steps', 'sweep.train.epochs'),
    ...heads(parsed),
    ...partsOfLoaded(parsed),
    ...crop(parsed),
    ...measured(parsed, 'checkpoint.best', parsed.lenient.checkpoint.best),
    ...measured(parsed, 'sweep.stop_early.metric', parsed.lenient.sweep?.stop_early?.metric),
  ];
}

function exclusive(parsed: Parsed, path: string, other: string): Problem[] {
  const entry = parsed.places.get(path);
  const otherEntry = parsed.places.get(other);
  // null says the default, and a val_fraction of 0 what val says as well.
  const isUnset = (one: typeof entry) =>
    one?.value.kind === 'scalar' && (one.value.value === null || one.value.value === 0);
  if (!entry || !otherEntry || isUnset(entry) || isUnset(otherEntry)) return [];
  const { source } = parsed.document;
  const name = (dotted: string) => dotted.split('.').pop()!;
  const remove = (dotted: string): Fix => ({
    title: t('Remove {0}', name(dotted)),
    edits: removeEdits(parsed.document, dotted),
  });
  return [
    {
      severity: 'error',
      code: 'exclusive_keys',
      message: t('{0} and {1} exclude each other; keep one of them.', name(other), name(path)),
      path: path.startsWith('sweep.') ? 'sweep' : path,
      range: rangeOf(source, entry.keyStart, entry.keyEnd),
      fixes: [remove(path), remove(other)],
      related: [
        {
          message: t('{0} is here', name(other)),
          range: rangeOf(source, otherEntry.keyStart, otherEntry.keyEnd),
        },
      ],
    },
  ];
}

/** What `model.weights` says of a model already. */
const saidByWeights = /^model\.(?:(?:image|text)_encoder\.(?:name|weights|dtype|pooling)|fusion\.\w+)$/;

function partsOfLoaded(parsed: Parsed): Problem[] {
  if (parsed.lenient.model.weights === null) return [];
  return [...parsed.places].flatMap(([place, { keyStart, keyEnd, value }]): Problem[] => {
    const path = place.replace(/^sweep\./, '');
    const harmless = value.kind === 'scalar' && [null, 'clip', 'late'].includes(value.value as string | null);
    if (!saidByWeights.test(path) || harmless) return [];
    return [
      {
        severity: 'error',
        code: 'part_of_loaded_model',
        message: t(
          'model.weights brings both encoders and how they meet, so {0} says nothing; remove it, or load each encoder by itself (model.image_encoder.weights, model.text_encoder.weights).',
          path,
        ),
        path: place === path ? path : 'sweep',
        range: rangeOf(parsed.document.source, keyStart, keyEnd),
        fixes: [{ title: t('Remove {0}', place), edits: removeEdits(parsed.document, place) }],
      },
    ];
  });
}

function heads(parsed: Parsed): Problem[] {
  const problems: Problem[] = [];
  const { fusion, weights } = parsed.lenient.model;
  // Late fusion has no heads, and a loaded model brings its own.
  const kinds = trialValues(parsed.lenient, 'model.fusion.kind', fusion.kind);
  if (weights !== null || kinds.every((kind) => kind === 'late')) return [];
  const dims = trialValues(parsed.lenient, 'model.fusion.dim', fusion.dim);
  const each = trialValues(parsed.lenient, 'model.fusion.heads', fusion.heads);
  for (const dim of dims)
    for (const count of each) {
      if (dim % count === 0) continue;
      // Marked at the heads where they are written, else at the width.
      const place =
        valuePlace(parsed, 'model.fusion.heads', count) ?? valuePlace(parsed, 'model.fusion.dim', dim);
      if (!place) continue;
      const isHeads = place.path === 'model.fusion.heads';
      const better = isHeads ? nearestDivisors(dim, count) : [Math.ceil(dim / count) * count];
      problems.push({
        severity: 'error',
        code: 'heads_do_not_divide',
        message: t(
          '{0} (model.fusion.dim) cannot be divided by {1} heads; {2} would do.',
          dim,
          count,
          listed(better.map(String), 'or'),
        ),
        path: place.swept ? 'sweep' : place.path,
        range: rangeOf(parsed.document.source, place.start, place.end),
        fixes: better.map((value) => ({
          title: t('Write {0}', value),
          edits: [{ start: place.start, end: place.end, text: yamlText(value) }],
        })),
      });
    }
  return problems;
}

function nearestDivisors(dim: number, count: number): number[] {
  const found: number[] = [];
  for (let step = 1; step < dim && found.length < 2; step++)
    for (const one of [count + step, count - step])
      if (one > 0 && dim % one === 0 && found.length < 2) found.push(one);
  return found;
}

function crop(parsed: Parsed): Problem[] {
  const path = 'data.augment.crop';
  return trialValues(parsed.lenient, path, parsed.lenient.data.augment.crop).flatMap((range): Problem[] => {
    const place = range && range[0] > range[1] ? valuePlace(parsed, path, range) : null;
    if (!range || !place) return [];
    const text = yamlText([range[1], range[0]]);
    return [
      {
        severity: 'error',
        code: 'range_upside_down',
        message: t(
          '{0}: the smallest share ({1}) is above the largest ({2}); write {3}.',
          path,
          range[0],
          range[1],
          text,
        ),
        path: place.swept ? 'sweep' : path,
        range: rangeOf(parsed.document.source, place.start, place.end),
        fixes: [{ title: t('Write {0}', text), edits: [{ start: place.start, end: place.end, text }] }],
      },
    ];
  });
}

/** A metric that is named and that no evaluation of this file writes. */
function measured(parsed: Parsed, path: string, metric: string | null | undefined): Problem[] {
  const { eval: evaluation } = parsed.lenient;
  const place = parsed.places.get(path)?.value;
  if (!metric || !place || otherName.test(metric)) return [];
  const k = recallName.exec(metric)?.[1];
  if (k && evaluation.recall_at.includes(Number(k))) return [];
  const names = [...evaluation.recall_at.map((one) => `val/recall@${one}`), 'val/loss'];
  return [
    {
      severity: 'error',
      code: 'unknown_metric',
      message: k
        ? t(
            '{0}: recall@{1} is not measured; eval.recall_at holds {2}.',
            path,
            k,
            evaluation.recall_at.join(', '),
          )
        : t('{0}: {1} is no metric; there are {2}.', path, metric, names.join(', ')),
      path: path.startsWith('sweep.') ? 'sweep' : path,
      range: rangeOf(parsed.document.source, place.start, place.end),
      fixes: names.slice(0, 4).map((name) => ({
        title: t('Write {0}', name),
        edits: [{ start: place.start, end: place.end, text: name }],
      })),
    },
  ];
}
