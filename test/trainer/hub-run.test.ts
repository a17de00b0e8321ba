import { EventEmitter } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { RunConfig } from '../../src/experiment/config.ts';
import { readEvents } from '../../src/store/events.ts';
import { readRunFile } from '../../src/store/run-folder.ts';
import { trainRun } from '../../src/trainer/run.ts';
import { hashOf, startHub, type HubServer } from '../weights/hub-server.ts';
import { useHub } from '../weights/own-hub.ts';
import { smallProject, type SmallProject } from './small-run.ts';

const fixture = join(import.meta.dirname, '../fixtures/frozen/clip');
const model = 'onnx/vision_model.onnx';
const whole = readFileSync(join(fixture, model));
const hash = hashOf(model, whole);

let project: SmallProject;
let hub: HubServer;
let home: string;
beforeAll(async () => void (project = await smallProject(40)));
afterAll(() => project.remove());
beforeEach(async () => {
  hub = await startHub(fixture);
  home = mkdtempSync(join(tmpdir(), 'tandem-hub-run-'));
  useHub(hub, home);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await hub.close();
  rmSync(home, { recursive: true });
});

const fromHub = (): RunConfig =>
  project.config((config) => {
    config.model.image_encoder = { name: 'auto', weights: 'hf:owner/tiny', dtype: null, train: 'frozen' };
  });
const eventsOf = async (dir: string, kind: string) =>
  (await readEvents(dir)).filter((event) => event.kind === kind);

it('a run that is stopped while its weights are fetched keeps what has arrived, and goes on from there', async () => {
  const objects = () => hub.fetched().filter(({ path }) => path.endsWith(hash));
  hub.trouble = ({ path }) => (path.endsWith(hash) && objects().length === 1 ? { stallAfter: 2000 } : null);
  const dir = await project.createRun(fromHub());
  const signals = new EventEmitter();
  const ended = trainRun(dir, signals);
  const part = join(home, `hub/models--owner--tiny/blobs/${hash}.incomplete`);
  while (!existsSync(part) || statSync(part).size < 2000)
    await new Promise((resolve) => setTimeout(resolve, 5));
  signals.emit('SIGTERM');
  expect(await ended).toBe('stopped');
  expect(await readRunFile(dir)).toMatchObject({ status: 'stopped', reason: null });
  expect((await eventsOf(dir, 'ended')).at(-1)).toMatchObject({ status: 'stopped', step: 0 });
  expect(statSync(part).size).toBe(2000);

  expect(await trainRun(dir, new EventEmitter())).toBe('finished');
  expect(objects().map(({ range }) => range)).toEqual(['bytes=0-', 'bytes=2000-']);
  const downloads = (await eventsOf(dir, 'preparing')).filter(
    (event) => 'what' in event && event.what === 'download',
  );
  expect(downloads.at(-1)).toMatchObject({
    name: 'hf:owner/tiny',
    done: whole.length,
    total: whole.length,
    left_ms: 0,
  });
});

it('a run whose model is not there fails with what to do, before anything is trained', async () => {
  const config = fromHub();
  config.model.image_encoder.weights = 'hf:owner/other';
  const dir = await project.createRun(config);
  expect(await trainRun(dir, new EventEmitter())).toBe('failed');
  expect((await readRunFile(dir)).reason).toMatch(
    /^The hub has no model hf:owner\/other .* Check owner and name at /,
  );
});
