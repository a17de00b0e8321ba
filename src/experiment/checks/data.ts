import { checkAugmentation } from './augmentation.ts';
import { checkCaptions } from './captions.ts';
import { checkColumns } from './columns.ts';
import { checkFiles } from './files.ts';
import type { Finding, View } from './finding.ts';
import { checkPairs } from './pairs.ts';
import { checkSplit } from './split.ts';

/** Files, columns, split, images, captions, augmentation. */
export function checkData(view: View): Finding[] {
  return [checkFiles, checkColumns, checkSplit, checkPairs, checkCaptions, checkAugmentation].flatMap(
    (check) => check(view),
  );
}
