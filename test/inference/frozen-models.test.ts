import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunConfig } from '../../src/experiment/config.ts';
import { openFinishedModel } from '../../src/inference/finished-model.ts';
import { openFolders } from '../../src/inference/folders.ts';
import { trainRun } from '../../src/trainer/run.ts';
import { smallProject, type SmallProject } from '../trainer/small-run.ts';

const clip = join(import.meta.dirname, '../fixtures/frozen/clip');
let project: SmallProject;
beforeAll(async () => void (project = await smallProject(24)));
afterAll(() => project.remove());

const changes: Record<string, (config: RunConfig) => void> = {
  'frozen encoders of ours': ({ model }) => {
    model.image_encoder.train = 'frozen';
    model.text_encoder.train = 'frozen';
  },
  'encoders of others': ({ model }) => {
    const auto = { name: 'auto', weights: clip, dtype: null, train: 'frozen' } as const;
    model.image_encoder = { ...model.image_encoder, ...auto };
    model.text_encoder = { ...model.text_encoder, ...auto };
  },
};

it.each(Object.keys(changes))(
  'a folder’s images are indexed by a finished model with %s',
  async (name) => {
    const dir = await project.createRun(project.config(changes[name]));
    expect(await trainRun(dir, new EventEmitter())).toBe('finished');
    const model = await openFinishedModel(dir);
    try {
      const { index } = await openFolders(model).update(join(project.folder, 'pictures'), {});
      expect([index.files.length, index.unreadable, index.dim]).toEqual([24, [], 32]);
      // Vectors of length 1, not all the same.
      const length = Math.hypot(...index.pooled.subarray(0, index.dim));
      expect(Math.abs(length - 1)).toBeLessThan(1e-2);
      expect(index.pooled.subarray(0, index.dim)).not.toEqual(
        index.pooled.subarray(index.dim, 2 * index.dim),
      );
    } finally {
      model.dispose();
    }
  },
  60_000,
);
