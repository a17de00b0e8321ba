import { listed } from '../../text/words.ts';
import { imageSizes, textSizes } from './encoder-sizes.ts';
import { isUnread, type Finding, type View } from './finding.ts';
import { t } from '../../text/say.ts';

/** Whether what is asked can compute here, and in what time. */
export function checkEngine(view: View): Finding[] {
  const { experiment, facts } = view;
  const { engine, provider } = experiment.train;
  const found: Finding[] = [];
  const { engines } = facts;
  const asked = engines?.find((one) => one.name === engine);
  const working = engines?.filter((one) => one.works).map((one) => one.name) ?? [];
  if (engines && engine !== 'auto' && !asked?.works)
    found.push({
      severity: 'error',
      code: 'engine_not_available',
      message: t(
        'The engine {0} does not work here{1}. {2}',
        engine,
        asked?.reason ? t(': {0}', asked.reason.replace(/\.$/, '')) : '',
        working.length ? t(working.length === 1 ? 'Here is {0}.' : 'Here are {0}.', working.join(', ')) : '',
      ).trim(),
      paths: ['train.engine'],
      value: engine,
      fixes: [
        { set: 'train.engine', to: 'auto' },
        ...working.slice(0, 2).map((name) => ({ set: 'train.engine', to: name })),
      ],
    });
  if (provider !== 'auto' && provider !== 'cpu' && engine !== 'auto' && engine !== 'onnx')
    found.push({
      severity: 'warning',
      code: 'provider_without_onnx',
      message: t('provider: {0} is for the engine onnx; {1} does not look at it.', provider, engine),
      paths: ['train.provider'],
      value: provider,
      fixes: [
        ...(!engines || working.includes('onnx') ? [{ set: 'train.engine', to: 'onnx' }] : []),
        { remove: 'train.provider' },
      ],
    });
  if (facts.gpu === false) found.push(...checkLarge(view));
  return found;
}

/** Encoders that a processor is slow at. */
function checkLarge(view: View): Finding[] {
  const { model, data, train } = view.experiment;
  const { image_encoder: image, text_encoder: text } = model;
  const isKnown = (branch: 'image' | 'text') =>
    !['auto', 'vit', 'clip'].includes(model[`${branch}_encoder`].name) &&
    !isUnread(view, `model.${branch}_encoder.name`);
  const isImageLarge =
    isKnown('image') &&
    imageSizes(image.name).parameters > 2e7 &&
    image.train === 'full' &&
    data.image_size >= 160;
  const isTextLarge = isKnown('text') && textSizes(text.name).parameters > 5e7 && text.train === 'full';
  const slow = [
    ...(isImageLarge ? [t('{0} at {1} pixels', image.name, data.image_size)] : []),
    ...(isTextLarge ? [text.name] : []),
  ];
  if (!slow.length) return [];
  const smaller = [
    ...(isImageLarge ? [{ set: 'model.image_encoder.name', to: 'resnet_small' }] : []),
    ...(isTextLarge ? [{ set: 'model.text_encoder.name', to: 'bert-mini' }] : []),
  ];
  return [
    {
      severity: 'info',
      code: 'large_for_a_cpu',
      message: t(
        slow.length > 1
          ? 'Without a graphics card {0} take seconds a step (batch {1}); {2} learn small data sets in minutes.'
          : 'Without a graphics card {0} takes seconds a step (batch {1}); {2} learns small data sets in minutes.',
        listed(slow),
        train.batch_size,
        listed(smaller.map(({ to }) => to)),
      ),
      paths: [...smaller.map(({ set }) => set), 'model'],
      fixes:
        smaller.length > 1
          ? [{ title: t('Set them to {0}', listed(smaller.map(({ to }) => to))), all: smaller }]
          : smaller,
    },
  ];
}
