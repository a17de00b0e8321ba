import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ModelConfig } from '../experiment/config.ts';
import type { DataFault } from './data-facts.ts';
import { type TrainerProgram, trainerEnvironment } from './trainer-program.ts';

/**
 * Asks the trainer, which knows the encoders' arrays, what is wrong with the weights of a model that lie on this machine. Without such it
 * is not started.
 */
export async function weightsFaults(program: TrainerProgram, model: ModelConfig): Promise<DataFault[]> {
  const named = [model.weights, model.image_encoder.weights, model.text_encoder.weights];
  if (named.every((weights) => weights === null || weights.startsWith('hf:'))) return [];
  const args = [program.trainerFile, '--weights', JSON.stringify(model)];
  const { stdout } = await promisify(execFile)(program.nodePath, args, {
    env: trainerEnvironment(program),
    timeout: 60_000,
    maxBuffer: 1 << 20,
  });
  return JSON.parse(stdout) as DataFault[];
}
