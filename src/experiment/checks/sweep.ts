import type { Finding, View } from './finding.ts';

/** Whether the trials of a sweep can differ: rates of branches that do not learn. Found at the sweep's key, not at its items. */
export function checkSweepSense({ experiment }: View): Finding[] {
  const sweep = experiment.sweep ?? {};
  const found: Finding[] = [];
  for (const branch of ['image', 'text'] as const) {
    const path = `optimizer.learning_rate.${branch}`;
    const values = sweep[path];
    const trains = sweep[`model.${branch}_encoder.train`] ?? [experiment.model[`${branch}_encoder`].train];
    if (!values || trains.some((one) => one !== 'frozen')) continue;
    found.push({
      severity: 'warning',
      code: 'sweep_of_frozen_branch',
      message: `The ${branch} branch is frozen: the ${values.length === 2 ? 'two' : values.length} trials are nearly the same (its projection learns at the fusion’s rate).`,
      paths: [`sweep.${path}`],
      fixes: [
        { set: `model.${branch}_encoder.train`, to: 'full' },
        { remove: `sweep.${path}`, title: 'Remove it from the sweep' },
      ],
    });
  }
  const scale = 'optimizer.learning_rate.scale';
  const learns = sweep['loss.learn_temperature'] ?? [experiment.loss.learn_temperature];
  if (sweep[scale] && !learns.includes(true))
    found.push({
      severity: 'warning',
      code: 'sweep_of_frozen_branch',
      message: `The temperature is not learnt: the ${sweep[scale].length} trials are the same.`,
      paths: [`sweep.${scale}`],
      fixes: [
        { set: 'loss.learn_temperature', to: 'true' },
        { remove: `sweep.${scale}`, title: 'Remove it from the sweep' },
      ],
    });
  const kinds = sweep['model.fusion.kind'] ?? [experiment.model.fusion.kind];
  const useless: [string, boolean][] = [
    ['model.fusion.hard_negatives', !kinds.includes('early')],
    ['model.fusion.heads', kinds.every((kind) => kind === 'late')],
    ['model.fusion.layers', kinds.every((kind) => kind === 'late')],
  ];
  for (const [path, isUseless] of useless)
    if (sweep[path] && isUseless)
      found.push({
        severity: 'warning',
        code: 'sweep_changes_nothing',
        message: `${path} is not used by fusion ${kinds.join(', ')}: the ${sweep[path].length} trials are the same.`,
        paths: [`sweep.${path}`],
        fixes: [{ remove: `sweep.${path}`, title: 'Remove it from the sweep' }],
      });
  return found;
}
