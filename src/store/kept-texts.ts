import * as z from 'zod';
import type { Said } from '../text/say.ts';

export const kept: z.ZodType<Said> = z.lazy(() =>
  z.tuple([z.string()], z.union([z.string(), z.number(), kept])),
);

/** Texts of a record under their names, as they are kept for readers of other languages. */
export const keptTexts = z.record(z.string(), kept).exactOptional();
