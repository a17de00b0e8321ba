import { listed } from '../../text/words.ts';
import type { Branch } from '../config.ts';
import { bodyRate, isClip, isLoaded, learns, lossOf } from '../derived.ts';
import { learningRates } from '../resolve.ts';
import { numberText, rounded } from '../../text/numbers.ts';
import { letLearn, type Finding, type FindingFix, type View } from './finding.ts';
import { t } from '../../text/say.ts';
import { branchName } from '../../text/settings.ts';

const ratePath = (branch: Branch): string => `optimizer.learning_rate.${branch}`;

/** The rates that are written, of encoders those of their bodies. */
function bodyRates({ optimizer: { learning_rate: given } }: View['experiment']) {
  return { ...given, image: bodyRate(given.image), text: bodyRate(given.text) };
}

/** Learning rates: against how the encoders start, each other and what learns. */
export function checkRates(view: View): Finding[] {
  return [
    ...checkPretrained(view),
    ...checkScratch(view),
    ...checkUnused(view),
    ...checkLayerDecay(view),
    ...checkApart(view),
    ...checkHigh(view),
  ];
}

function usualRate({ experiment }: View, branch: 'image' | 'text'): string {
  if (!isLoaded(experiment, branch)) return branch === 'text' ? '5e-4' : '1e-3';
  if (isClip(experiment, branch)) return '1e-5';
  return branch === 'text' ? '2e-5' : '1e-4';
}

const frozenWithoutRate = (branch: Branch): FindingFix => ({
  title: t('Freeze the {0} encoder and remove its rate', branchName(branch)),
  all: [{ set: `model.${branch}_encoder.train`, to: 'frozen' }, { remove: ratePath(branch) }],
});

/** The encoders, each with its branch. */
export function encoders({ experiment }: View) {
  return (['image', 'text'] as const).map((branch) => ({
    branch,
    loaded: isLoaded(experiment, branch),
    learns: learns(experiment, branch),
  }));
}

function checkPretrained(view: View): Finding[] {
  const rates = learningRates(view.experiment);
  return encoders(view)
    .filter((one) => one.loaded && one.learns && rates[one.branch] > 1e-4)
    .map(({ branch }) => {
      const usual = usualRate(view, branch);
      // Of a sweep of weights and none, no one rate fits both; the defaults do.
      const isOften = view.parsed.lenient.sweep?.values[`model.${branch}_encoder.weights`]?.includes(null);
      const times = Math.round(rates[branch] / Number(usual));
      return {
        severity: 'warning',
        code: 'rate_high_for_loaded_weights',
        message: t(
          '{0} is a from-scratch rate, and the {1} encoder starts from loaded weights: at {2} times the usual {3}{4} it forgets what it knows within the first steps.',
          numberText(rates[branch]),
          branchName(branch),
          times,
          usual,
          usual === '2e-5' ? t(' (BERT fine-tuning: 2e-5 to 5e-5)') : '',
        ),
        paths: [ratePath(branch), `model.${branch}_encoder.weights`, 'model.weights'],
        value: rates[branch],
        fixes: [isOften ? { remove: ratePath(branch) } : { set: ratePath(branch), to: usual }],
      };
    });
}

function checkScratch(view: View): Finding[] {
  const { text } = learningRates(view.experiment);
  const encoder = encoders(view).find(({ branch }) => branch === 'text')!;
  if (encoder.loaded || !encoder.learns || text >= 1e-4 || text === 0) return [];
  return [
    {
      severity: 'warning',
      code: 'rate_low_from_scratch',
      message: t(
        '{0} is a fine-tuning rate, and the text encoder starts from scratch: at {1} times less than the usual 5e-4 it does not learn in reasonable time. Raise it, or load weights (model.text_encoder.weights).',
        numberText(text),
        Math.round(5e-4 / text),
      ),
      paths: [ratePath('text')],
      value: text,
      fixes: [{ set: ratePath('text'), to: '5e-4' }],
    },
  ];
}

/** Rates that change nothing: of a frozen encoder, of a temperature that is not learnt, of zero. */
function checkUnused(view: View): Finding[] {
  const { experiment } = view;
  const given = bodyRates(experiment);
  // A swept one is told at the sweep's key.
  const isSwept = (branch: Branch) => view.parsed.lenient.sweep?.values[ratePath(branch)] !== undefined;
  const found: Finding[] = [];
  for (const { branch, loaded, learns: doesLearn } of encoders(view)) {
    if (!doesLearn && given[branch] !== undefined && !isSwept(branch))
      found.push({
        severity: 'warning',
        code: 'rate_of_frozen_branch',
        message: t(
          'The {0} encoder is frozen, so its rate changes nothing; its projection learns at the fusion’s rate.',
          branchName(branch),
        ),
        paths: [ratePath(branch)],
        value: given[branch],
        fixes: [{ remove: ratePath(branch) }, ...letLearn(view, branch)],
      });
    else if (doesLearn && given[branch] === 0)
      found.push({
        severity: 'warning',
        code: 'rate_zero',
        message: t(
          'At rate 0 the {0} encoder never changes, yet its gradient is computed at every step{1}.',
          branchName(branch),
          loaded
            ? t('; train: frozen is the same and faster')
            : t(', and it stays as random as it starts. {0} is usual', usualRate(view, branch)),
        ),
        paths: [ratePath(branch)],
        value: 0,
        // Frozen at random it would stay random.
        fixes: [
          ...(loaded ? [frozenWithoutRate(branch)] : []),
          { set: ratePath(branch), to: usualRate(view, branch) },
        ],
      });
  }
  if (given.fusion === 0)
    found.push({
      severity: 'warning',
      code: 'rate_zero',
      message: t(
        'At rate 0 the projections and the fusion stay as random as they start, so images and captions never meet. 1e-3 is usual.',
      ),
      paths: [ratePath('fusion')],
      value: 0,
      fixes: [{ set: ratePath('fusion'), to: '1e-3' }],
    });
  const { learn_temperature } = lossOf(experiment);
  if (given.scale === 0 && learn_temperature)
    found.push({
      severity: 'warning',
      code: 'rate_zero',
      message: t('At rate 0 the temperature stays where it starts, though loss.learn_temperature is true.'),
      paths: [ratePath('scale')],
      value: 0,
      fixes: [
        { set: ratePath('scale'), to: '1e-3' },
        {
          title: t('Set loss.learn_temperature to false and remove the rate'),
          all: [{ set: 'loss.learn_temperature', to: 'false' }, { remove: ratePath('scale') }],
        },
      ],
    });
  if (given.scale !== undefined && !learn_temperature && !isSwept('scale'))
    found.push({
      severity: 'warning',
      code: 'rate_of_fixed_temperature',
      message: t(
        'The temperature is not learnt (loss.learn_temperature is false), so the rate of scale changes nothing.',
      ),
      paths: [ratePath('scale')],
      value: given.scale,
      fixes: [{ remove: ratePath('scale') }, { set: 'loss.learn_temperature', to: 'true' }],
    });
  return found;
}

/** Lower rates for lower layers keep what they know; one that starts at random knows nothing. */
function checkLayerDecay(view: View): Finding[] {
  const { layer_decay } = view.experiment.optimizer;
  const random = encoders(view).filter((one) => one.learns && !one.loaded);
  if (layer_decay === 1 || random.length === 0) return [];
  return [
    {
      severity: 'warning',
      code: 'layer_decay_from_scratch',
      message: t(
        'With a layer decay of {0} the lowest layers learn slowest, to keep what they know; the {1} encoder starts from scratch and has nothing to keep.',
        numberText(layer_decay),
        listed(random.map((one) => branchName(one.branch))),
      ),
      paths: ['optimizer.layer_decay'],
      value: layer_decay,
      fixes: [{ set: 'optimizer.layer_decay', to: '1' }],
    },
  ];
}

function checkApart(view: View): Finding[] {
  const rates = learningRates(view.experiment);
  const used: Branch[] = [
    ...encoders(view)
      .filter((one) => one.learns)
      .map(({ branch }) => branch),
    'fusion',
  ];
  const sorted = used.filter((branch) => rates[branch] > 0).sort((a, b) => rates[a] - rates[b]);
  const low = sorted[0]!;
  const high = sorted.at(-1)!;
  const times = rates[high] / rates[low];
  // Rates are written with few digits: 1e-3 over 1e-5 is 100, not more.
  if (!(times > 100.0001)) return [];
  const given = bodyRates(view.experiment);
  const order = given[low] !== undefined ? [low, high] : [high, low];
  const [marked] = order as [Branch, Branch];
  const better = marked === low ? rates[high] / 100 : rates[low] * 100;
  return [
    {
      severity: 'warning',
      code: 'learning_rates_apart',
      message: t(
        'The rates of {0} ({1}) and {2} ({3}) are {4} times apart; beyond 100 times one branch stands nearly still while the other moves.',
        branchName(high),
        numberText(rates[high]),
        branchName(low),
        numberText(rates[low]),
        Math.round(times),
      ),
      paths: order.map(ratePath),
      value: rates[marked],
      fixes: [{ set: ratePath(marked), to: numberText(rounded(better, 2)) }],
    },
  ];
}

function checkHigh(view: View): Finding[] {
  const rates = learningRates(view.experiment);
  const used = new Set<Branch>([
    'fusion',
    ...encoders(view)
      .filter((one) => one.learns)
      .map((one) => one.branch),
  ]);
  return [...used]
    .filter((branch) => rates[branch] > 1e-2)
    .map((branch) => ({
      severity: 'warning',
      code: 'rate_very_high',
      message: t(
        'A rate of {0} is above 1e-2: AdamW moves every weight by about that much at each step, and training mostly diverges. 1e-3 is usual.',
        numberText(rates[branch]),
      ),
      paths: [ratePath(branch)],
      value: rates[branch],
      fixes: [{ set: ratePath(branch), to: '1e-3' }],
    }));
}
