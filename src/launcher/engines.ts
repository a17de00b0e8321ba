import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { EngineName } from '../experiment/config.ts';
import { type TrainerProgram, trainerEnvironment } from './trainer-program.ts';

/** What the trainer says of an engine on this machine. */
export interface EngineInfo {
  name: EngineName;
  works: boolean;
  /** What it would compute with; null when it does not work. */
  provider: string | null;
  device: string | null;
  threads: number | null;
  /** Why it does not work and what to do; null when it does. */
  reason: string | null;
  /** Whether `train.engine: auto` takes it. */
  chosen: boolean;
  /** Of onnx: its providers beside the processor's. */
  providers?: { provider: string; works: boolean; device: string | null; reason: string | null }[];
  /** Of onnx: what was measured last when `auto` chose among them, and for which model. */
  measured?: {
    about: string;
    timings: { provider: string; device: string; step_ms: number | null; reason: string | null }[];
  };
}

/** Asks the trainer which engines work here; native libraries are loaded in its process, never in ours. */
export async function listEngines(program: TrainerProgram): Promise<EngineInfo[]> {
  const { stdout } = await promisify(execFile)(program.nodePath, [program.trainerFile, '--engines'], {
    env: trainerEnvironment(program),
    timeout: 60_000,
    maxBuffer: 1 << 20,
  });
  return JSON.parse(stdout) as EngineInfo[];
}
