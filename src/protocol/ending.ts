import { englishOf, type Said } from '../text/say.ts';

/** Why a run ended, as its folder has it: in English, and as it is kept for readers of other languages. */
export const endingOf = (reason: Said | null): { reason?: string; said?: { reason: Said } } =>
  reason === null ? {} : { reason: englishOf(reason), said: { reason } };
