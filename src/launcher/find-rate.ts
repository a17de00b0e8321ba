import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { isDiverging, rateCurve, type RateCurve } from '../analysis/rate-finder.ts';
import type { RunConfig } from '../experiment/config.ts';
import { HumanError } from '../protocol/human-error.ts';
import { toNumber } from '../protocol/numbers.ts';
import {
  rampBranches,
  type RampPoint,
  type RampRequest,
  type RateBranch,
  type RateRamp,
} from '../protocol/rate-ramp.ts';
import { tellingLine } from './trainer-log.ts';
import { type TrainerProgram, trainerEnvironment } from './trainer-program.ts';
import { said } from '../text/say.ts';

/** Rates that are tried: from one at which no branch learns anything to the largest that the settings take. */
const range = { low: 1e-7, high: 10 };

/**
 * Trains a throw-away model at rising rates in a process of its own, until its loss runs away, and works out what the curve suggests.
 * Throws HumanError when the trainer cannot.
 */
export async function findRate(
  config: RunConfig,
  { branch, others, steps }: { branch: RateBranch } & Pick<RateRamp, 'others' | 'steps'>,
  program: TrainerProgram,
  onPoint: (point: RampPoint) => void = () => undefined,
): Promise<RateCurve> {
  const ramp: RateRamp = {
    branches: branch === 'all' ? [...rampBranches] : [branch],
    others,
    steps,
    ...range,
  };
  const request: RampRequest = { config, ramp };
  const child = spawn(program.nodePath, [program.trainerFile, '--ramp', JSON.stringify(request)], {
    env: trainerEnvironment(program),
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const ended = once(child, 'close') as Promise<[code: number | null]>;
  const errors: string[] = [];
  createInterface(child.stderr).on('line', (line) => errors.push(line));
  const points: RampPoint[] = [];
  let isOver = false;
  createInterface(child.stdout).on('line', (line) => {
    if (isOver) return;
    const { rate, loss } = JSON.parse(line) as { rate: number; loss: unknown };
    const point = { rate, loss: toNumber(loss) ?? NaN };
    points.push(point);
    onPoint(point);
    isOver = isDiverging(points);
    if (isOver) child.kill('SIGKILL');
  });
  const [code] = await ended;
  if (code !== 0 && !isOver)
    throw new HumanError(
      said(
        'No learning rate was found: {0}',
        tellingLine(errors) ?? said('the trainer ended with exit code {0}', code ?? said('unknown')),
      ),
      '',
      'no_rate_found',
    );
  return rateCurve(ramp, points);
}
