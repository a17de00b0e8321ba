import type { RunFinding } from '../protocol/events.ts';

/** A finding as a person reads it: what happened, and what to do. */
export const findingText = ({ message, advice }: Pick<RunFinding, 'message' | 'advice'>): string =>
  `${message} ${advice}`;
