import { HumanError } from '../../protocol/human-error.ts';
import { t } from '../../text/say.ts';

/** Node itself could not be started. */
export function notStarted(nodePath: string, error: Error): HumanError {
  return new HumanError(
    t('{0} could not be started ({1}).', nodePath, error.message.split('\n')[0] ?? ''),
    t('Name another in the setting tandem.nodePath, or leave it empty for the one inside VS Code.'),
    'no_node',
  );
}
