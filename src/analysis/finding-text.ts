import type { RunFinding } from '../protocol/events.ts';
import type { RunFile } from '../protocol/run.ts';
import { counted } from '../text/numbers.ts';
import { t } from '../text/say.ts';
import { sentences } from '../text/words.ts';

/** A finding as a person reads it: what happened, and what to do. */
export const findingText = ({ message, advice }: Pick<RunFinding, 'message' | 'advice'>): string =>
  sentences([message, advice]);

/** Which of the runs of a file found something, before what it is. */
export const foundBy = ({ id }: Pick<RunFile, 'id'>, step: number, count: number, of: number): string =>
  of > 1
    ? t('{0} of {1} runs, {2} first at step {3}:', counted(count), counted(of), id.slice(-4), counted(step))
    : t('The last run ({0}), step {1}:', id.slice(-4), counted(step));
