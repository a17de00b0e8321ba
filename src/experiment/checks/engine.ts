import type { Finding, View } from './finding.ts';

/** Whether what is asked can compute here, and in what time. */
export function checkEngine({ experiment, facts }: View): Finding[] {
  const { engine, provider } = experiment.train;
  const found: Finding[] = [];
  const { engines } = facts;
  const asked = engines?.find((one) => one.name === engine);
  const working = engines?.filter((one) => one.works).map((one) => one.name) ?? [];
  if (engines && engine !== 'auto' && !asked?.works)
    found.push({
      severity: 'error',
      code: 'engine_not_available',
      message:
        `The engine ${engine} does not work here${asked?.reason ? `: ${asked.reason.replace(/\.$/, '')}` : ''}. ${working.length ? `Here ${working.length === 1 ? 'is' : 'are'} ${working.join(', ')}.` : ''}`.trim(),
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
      message: `provider: ${provider} is for the engine onnx; ${engine} does not look at it.`,
      paths: ['train.provider'],
      value: provider,
      fixes: [{ set: 'train.engine', to: 'onnx' }, { remove: 'train.provider' }],
    });
  const { image_encoder, text_encoder } = experiment.model;
  const isLarge =
    (image_encoder.name === 'resnet50' &&
      image_encoder.train === 'full' &&
      experiment.data.image_size >= 160) ||
    (text_encoder.name === 'bert-base-uncased' && text_encoder.train === 'full');
  if (facts.gpu === false && isLarge)
    found.push({
      severity: 'info',
      code: 'large_for_a_cpu',
      message: `${image_encoder.name} and ${text_encoder.name} at ${experiment.data.image_size} pixels take seconds a step without a graphics card (about 150 ms a picture for resnet50 on two cores); resnet_small and bert-mini learn small data sets in minutes.`,
      paths: ['model.image_encoder.name', 'model.text_encoder.name', 'model'],
      fixes: [
        { set: 'model.image_encoder.name', to: 'resnet_small' },
        { set: 'model.text_encoder.name', to: 'bert-mini' },
      ],
    });
  return found;
}
