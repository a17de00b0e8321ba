import { HumanError } from '../protocol/human-error.ts';
import { hubAddress, hubToken, isHubOffline } from './hub-settings.ts';
import { HubRefusal, inShort } from './hub-request.ts';
import { said, t } from '../text/say.ts';

/** Whether it may be otherwise later: the hub is overloaded, or out of reach. */
export const isPassing = (error: unknown): boolean =>
  error instanceof HubRefusal ? error.status === 429 || error.status >= 500 : !(error instanceof HumanError);

/** What the hub answered, or why it did not, in words. */
export async function hubError(name: string, error: unknown): Promise<HumanError> {
  if (error instanceof HubRefusal) {
    if (error.reason === 'GatedRepo') return gated(name);
    if (error.status === 401 || error.status === 403) return notAllowed(name, error);
    if (error.status === 404) return notFound(name, error);
    if (error.status === 429)
      return new HumanError(
        said('The hub has too many requests from here and gives no {0} (answer 429).', name),
        (await hubToken()) === null
          ? said('Wait some minutes; with HF_TOKEN set, or after hf auth login, it allows more.')
          : said('Wait some minutes, then start again: what has arrived stays.'),
        'hub_busy',
      );
  }
  return new HumanError(
    said('{0} could not be fetched from the hub: {1}.', name, inShort(error)),
    said(
      'Check the connection and start again: what has arrived stays. Or download the model elsewhere and name its folder in weights.',
    ),
    'hub_unreachable',
  );
}

/** Something that is not in the cache, while nothing else may be, or can be, asked. */
export const notKept = (name: string, what: string): HumanError =>
  isHubOffline()
    ? new HumanError(
        said('{0} is wanted without the hub (HF_HUB_OFFLINE), and the cache has no {1}.', name, what),
        said('Fetch it once with HF_HUB_OFFLINE unset, or name a folder in weights.'),
        'hub_offline',
      )
    : new HumanError(
        said('The hub cannot be reached, and the cache has no {0} of {1}.', what, name),
        said('Check the connection and start again, or name a folder in weights.'),
        'hub_unreachable',
      );

const pageOf = (name: string): string => `${hubAddress()}/${name.slice('hf:'.length)}`;

async function gated(name: string): Promise<HumanError> {
  const isKnown = (await hubToken()) !== null;
  return new HumanError(
    said(
      '{0} is given only to those who accepted its licence{1}.',
      name,
      isKnown ? said(', and the account of your token has not') : '',
    ),
    said(
      'Accept it at {0}{1}.',
      pageOf(name),
      isKnown
        ? said(' with that account')
        : said(', then set HF_TOKEN to a token of that account, or call hf auth login'),
    ),
    'hub_gated',
  );
}

async function notAllowed(name: string, { status, reason }: HubRefusal): Promise<HumanError> {
  const isKnown = (await hubToken()) !== null;
  // To those who say no name the hub does not tell a private model from one that is not there.
  const what =
    reason === 'RepoNotFound' || !isKnown
      ? t(
          'The hub has no model {0} that may be read {1}',
          name,
          isKnown ? t('with your token') : t('without a token'),
        )
      : t('The hub refuses your token for {0}', name);
  return new HumanError(
    said('{0} (answer {1}).', what, status),
    isKnown
      ? said(
          'Check owner and name; the token (HF_TOKEN, or of hf auth login) may have run out or lack the right to read.',
        )
      : said('Check owner and name; for a private model set HF_TOKEN, or call hf auth login.'),
    'hub_not_found',
  );
}

function notFound(name: string, { text }: HubRefusal): HumanError {
  return new HumanError(
    said('The hub has no model {0} (answer 404{1}).', name, text ? said(': {0}', text) : ''),
    said('Check owner and name at {0}.', pageOf(name)),
    'hub_not_found',
  );
}
