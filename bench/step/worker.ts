import { createInterface } from 'node:readline';
import { initialArrays } from '../../src/trainer/model/initial.ts';
import { pickEngine } from '../../src/trainer/engines/pick.ts';
import { createOptimizer } from '../../src/trainer/optimizer/optimizer.ts';
import type { Model } from '../../src/trainer/model/model.ts';
import { benchModels, stepOf } from './models.ts';

/**
 * Times training steps of one model in a process of its own. Reads the same commands as test/reference/bench_torch.py:
 * `prepare MODEL THREADS`, then `run STEPS` any number of times; each is answered with one line of JSON.
 */
export async function worker(
  engine: 'onnx' | 'cpu' | 'tensorflow' | 'tensorflow_gpu',
  provider: 'cpu' | 'webgpu' | 'cuda',
): Promise<void> {
  let step: (() => Promise<number>) | null = null;
  for await (const line of createInterface({ input: process.stdin })) {
    const [command, first, second] = line.split(' ');
    if (command === 'prepare') {
      const prepared = await prepare(first!, Number(second), engine, provider);
      step = prepared.step;
      say(prepared.facts);
    } else say(await time(step!, Number(first)));
  }
}

async function prepare(name: string, threads: number, engineName: string, provider: string) {
  const bench = benchModels[name]!();
  const engine = await pickEngine({ engine: engineName, provider, threads } as Parameters<
    typeof pickEngine
  >[0]);
  const specs = { ...bench.specs };
  for (const { name: parameter, shape } of bench.parameters)
    specs[parameter] = { shape: [...shape], dtype: 'float32' };
  const parameters = initialArrays(bench.parameters, 0);
  const optimizer = createOptimizer(
    { parameters: bench.parameters, isTrainable: (spec) => spec.kind === 'parameter' } as Model,
    {
      kind: 'adamw',
      beta1: 0.9,
      beta2: 0.999,
      eps: 1e-8,
      weight_decay: 0.01,
      clip_norm: 1,
      clip_by: 'global',
    } as Parameters<typeof createOptimizer>[1],
    parameters,
  );
  const started = performance.now();
  const compiled = await engine.compile(stepOf(bench), specs, optimizer.gradients);
  const sessionMs = performance.now() - started;
  const rates = { image: 1e-4, text: 1e-4, fusion: 1e-4, scale: 1e-4 };
  const step = async () => {
    const outputs = await compiled.run({ ...parameters, ...bench.feeds });
    optimizer.update(outputs, rates);
    return outputs['loss']![0]!;
  };
  const { name: usedEngine, provider: usedProvider, device } = engine;
  return {
    step,
    facts: {
      ready: true,
      engine: usedEngine,
      provider: usedProvider,
      device,
      batch: bench.batch,
      session_ms: sessionMs,
    },
  };
}

/** Wall and CPU milliseconds of each step. */
async function time(step: () => Promise<number>, steps: number) {
  const ms: number[] = [];
  const cpuMs: number[] = [];
  let loss = NaN;
  for (let i = 0; i < steps; i++) {
    const cpu = process.cpuUsage();
    const start = performance.now();
    loss = await step();
    ms.push(performance.now() - start);
    const { user, system } = process.cpuUsage(cpu);
    cpuMs.push((user + system) / 1e3);
  }
  return { ms, cpu_ms: cpuMs, loss, peak_mb: process.resourceUsage().maxRSS / 1024 };
}

const say = (answer: unknown) => process.stdout.write(`${JSON.stringify(answer)}\n`);
