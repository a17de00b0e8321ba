import { experimentJsonSchema } from '../../experiment/schema/json-schema.ts';
import { exitCodes } from './exit-codes.ts';
import { printJson } from './output.ts';

/** `tandem schema`: the JSON schema of experiment files, for editors other than VS Code. */
export function schema(): Promise<number> {
  printJson(experimentJsonSchema());
  return Promise.resolve(exitCodes.done);
}
