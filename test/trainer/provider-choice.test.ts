// Which provider `auto` takes: what may work, what is measured, what is remembered.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRunFile } from '../../src/store/run-folder.ts';
import { engineText } from '../../src/text/engine-words.ts';
import type { ProviderTiming } from '../../src/trainer/engines/provider-timing.ts';
import { tryInChild } from '../../src/trainer/engines/list-providers.ts';
import { providersHere } from '../../src/trainer/engines/providers-here.ts';
import { choiceKey, lastChoice } from '../../src/trainer/engines/remembered-choices.ts';
import { chooseProvider } from '../../src/trainer/engines/choose-provider.ts';
import { measureForRun } from '../../src/trainer/timing/measure-for-run.ts';
import { prepareEncoders } from '../../src/trainer/weights/prepare.ts';
import { smallProject } from './small-run.ts';

let root: string;
let before: string | undefined;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tandem-choice-'));
  before = process.env['TANDEM_DATA_DIR'];
  process.env['TANDEM_DATA_DIR'] = join(root, 'data');
});
afterEach(() => {
  if (before === undefined) delete process.env['TANDEM_DATA_DIR'];
  else process.env['TANDEM_DATA_DIR'] = before;
  rmSync(root, { recursive: true });
});

const devices = { webgpu: 'NVIDIA GeForce RTX 4070', cuda: 'NVIDIA GeForce RTX 4070', cpu: 'AMD Ryzen 9' };
type Name = keyof typeof devices;

/** Timers that give these milliseconds, or fail for the reason, and tell which were asked. */
function timers(figures: Partial<Record<Name, number | string>>) {
  const asked: string[] = [];
  const time = (provider: Name): Promise<ProviderTiming> => {
    asked.push(provider);
    const figure = figures[provider];
    if (figure === undefined) return Promise.reject(new Error('stopped'));
    const step_ms = typeof figure === 'number' ? figure : null;
    const reason = typeof figure === 'string' ? figure : null;
    return Promise.resolve({ provider, device: devices[provider], step_ms, reason });
  };
  return { asked, time };
}

const choose = async (
  figures: Parameters<typeof timers>[0],
  { key = 'a', candidates = ['webgpu'] as ('webgpu' | 'cuda')[] } = {},
) => {
  const { asked, time } = timers(figures);
  const choice = await chooseProvider(candidates, {
    key,
    about: 'resnet50 and bert, batch 64',
    time,
    announce: () => Promise.resolve(),
  });
  return { ...choice, asked };
};

describe('the choice', () => {
  it('is the fastest, and says all figures', async () => {
    const { provider, timings, why } = await choose({ webgpu: 41.3, cpu: 380.2 });
    expect(provider).toBe('webgpu');
    expect(why).toBe('webgpu is the fastest here for this model.');
    const engine = { name: 'onnx', provider, device: devices.webgpu, threads: 8, measured: timings };
    expect(engineText(engine)).toBe(
      'onnx on NVIDIA GeForce RTX 4070 (webgpu), 8 threads, 41 ms a step; the processor took 380',
    );
  });

  it('is the processor where that is faster', async () => {
    const { provider, timings } = await choose(
      { webgpu: 12, cuda: 11, cpu: 4.2 },
      { candidates: ['cuda', 'webgpu'] },
    );
    expect(provider).toBe('cpu');
    expect(engineText({ name: 'onnx', provider, device: devices.cpu, threads: 1, measured: timings })).toBe(
      'onnx on AMD Ryzen 9 (cpu), 1 thread, 4.2 ms a step; NVIDIA GeForce RTX 4070 (cuda) took 11; NVIDIA GeForce RTX 4070 (webgpu) took 12',
    );
  });

  it('is a device that works where the processor takes no step in time', async () => {
    const { provider, why } = await choose({ webgpu: 900, cpu: 'no step within 30 s.' });
    expect(provider).toBe('webgpu');
    expect(why).toContain('cpu on AMD Ryzen 9: no step within 30 s.');
  });

  it('is the processor, untimed, where nothing else works', async () => {
    const { provider, why, asked } = await choose({ webgpu: 'the driver has crashed.' });
    expect(provider).toBe('cpu');
    expect(asked).toEqual(['webgpu']);
    expect(why).toContain('the driver has crashed.');
  });

  it('is none when measuring is called off, and nothing is remembered', async () => {
    await expect(choose({ webgpu: 41 })).rejects.toThrow('stopped');
    expect((await choose({ webgpu: 41, cpu: 380 })).asked).toEqual(['webgpu', 'cpu']);
  });
});

describe('what was measured', () => {
  const file = (): string => join(root, 'data/cache/provider-timings.json');

  it('is remembered, for these sizes, versions and this machine alone', async () => {
    const sizes = { batch: 64 };
    const key = choiceKey(['1.30.0', sizes]);
    await choose({ webgpu: 41, cpu: 380 }, { key });
    const again = await choose({ webgpu: 41, cpu: 380 }, { key: choiceKey(['1.30.0', { batch: 64 }]) });
    expect(again).toMatchObject({ provider: 'webgpu', asked: [] });
    for (const other of [
      ['1.30.1', sizes],
      ['1.30.0', { batch: 65 }],
    ])
      expect((await choose({ webgpu: 41, cpu: 20 }, { key: choiceKey(other) })).provider).toBe('cpu');
    expect((await lastChoice())?.timings.map(({ step_ms }) => step_ms)).toEqual([41, 20]);
  });

  it.each([
    ['no JSON', '{"a": {'],
    [
      'of another form',
      '{"a": {"time": 1, "about": "", "timings": [{"provider": "webgpu", "step_ms": "fast"}]}}',
    ],
    ['a list', '[1, 2]'],
  ])('is measured again where the file is %s', async (_case, content) => {
    await choose({ webgpu: 41, cpu: 380 });
    writeFileSync(file(), content);
    expect((await choose({ webgpu: 41, cpu: 380 })).asked).toEqual(['webgpu', 'cpu']);
    expect((await choose({})).asked).toEqual([]);
  });

  it('is measured again a day after a device did not work', async () => {
    await choose({ webgpu: 'no driver.' });
    expect((await choose({})).asked).toEqual([]);
    const content = JSON.parse(readFileSync(file(), 'utf8')) as Record<string, { time: number }>;
    content['a']!.time -= 25 * 3600_000;
    writeFileSync(file(), JSON.stringify(content));
    expect(await choose({ webgpu: 41, cpu: 380 })).toMatchObject({
      provider: 'webgpu',
      asked: ['webgpu', 'cpu'],
    });
  });
});

it('a run measures sizes that are new, and says so', async () => {
  const project = await smallProject(8);
  try {
    const config = project.config();
    const { asked, time } = timers({ webgpu: 41, cpu: 380 });
    const told: unknown[] = [];
    const before = {
      preparing: (event: Record<string, unknown>) =>
        void told.push([event['what'], event['name'], event['done']]),
      encoders: () => prepareEncoders(config.model, config.data.image_size),
    };
    const dir = await project.createRun(config);
    expect((await measureForRun(dir, config, ['webgpu'], before, time))?.provider).toBe('webgpu');
    expect(told).toEqual([
      ['provider_timing', 'webgpu', 0],
      ['provider_timing', 'cpu', 1],
    ]);
    expect((await readRunFile(dir)).heartbeat).not.toBeNull();
    // The same sizes in another run are known; others are not.
    const next = await project.createRun(config);
    expect((await measureForRun(next, config, ['webgpu'], before, time))?.provider).toBe('webgpu');
    expect(told).toHaveLength(2);
    const larger = project.config((wished) => (wished.train.batch_size += 1));
    await measureForRun(dir, larger, ['webgpu'], before, time);
    expect(asked).toEqual(['webgpu', 'cpu', 'webgpu', 'cpu']);
  } finally {
    await project.remove();
  }
});

describe.runIf(process.platform === 'linux')('what may work here', () => {
  const file = (name: string, content = ''): string => {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
    return join(root, name);
  };
  const driver = (name: string, library: string): string =>
    file(`usr/share/vulkan/icd.d/${name}.json`, JSON.stringify({ ICD: { library_path: library } }));

  it('nothing, without a device', () =>
    expect(providersHere({}, root)).toEqual({ candidates: [], passed: [] }));

  it('a driver in software is named', () => {
    driver('lvp', '/usr/lib/x86_64-linux-gnu/libvulkan_lvp.so');
    const { candidates, passed } = providersHere({}, root);
    expect(candidates).toEqual([]);
    expect(passed.join()).toContain('llvmpipe');
  });

  it('a device, beside drivers of all kinds', () => {
    driver('lvp', 'libvulkan_lvp.so');
    driver('radeon', 'libvulkan_radeon.so');
    file('dev/dri/renderD128');
    expect(providersHere({}, root)).toEqual({ candidates: ['webgpu'], passed: [] });
  });

  it('a device that Vulkan is told to leave alone', () => {
    file('dev/nvidia0');
    const asked = file('mine.json', JSON.stringify({ ICD: { library_path: '/opt/libvk_swiftshader.so' } }));
    const { candidates, passed } = providersHere({ VK_ICD_FILENAMES: asked }, root);
    expect(candidates).not.toContain('webgpu');
    expect(passed.join()).toContain('SwiftShader');
  });
});

describe('a provider that is tried in a process of its own', () => {
  const answer = (body: string) => {
    const file = join(root, 'try.mjs');
    writeFileSync(file, body);
    return tryInChild([file], 'webgpu');
  };

  it('answers, among what its driver prints', async () => {
    const listing = { provider: 'webgpu', works: true, device: 'AMD Radeon RX 7800 XT', reason: null };
    expect(
      await answer(`console.log('a driver’s line'); console.log('${JSON.stringify(listing)}');`),
    ).toEqual(listing);
  });

  it('may crash', async () => {
    const listing = await answer(
      `process.stderr.write('no such heap\\n'); process.kill(process.pid, 'SIGKILL');`,
    );
    expect(listing).toMatchObject({ works: false, device: null });
    expect(listing.reason).toMatch(/^Its driver crashed \(SIGKILL\): no such heap\. .*train\.provider/);
  });
});
