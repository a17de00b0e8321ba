import { HumanError } from '../protocol/human-error.ts';
import { hubAddress, hubToken, isHubOffline } from './hub-settings.ts';
import { HubRefusal, inShort } from './hub-request.ts';

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
        `The hub has too many requests from here and gives no ${name} (answer 429).`,
        (await hubToken()) === null
          ? 'Wait some minutes; with HF_TOKEN set, or after hf auth login, it allows more.'
          : 'Wait some minutes, then start again: what has arrived stays.',
        'hub_busy',
      );
  }
  return new HumanError(
    `${name} could not be fetched from the hub: ${inShort(error)}.`,
    'Check the connection and start again: what has arrived stays. Or download the model elsewhere and name its folder in weights.',
    'hub_unreachable',
  );
}

/** Something that is not in the cache, while nothing else may be, or can be, asked. */
export const notKept = (name: string, what: string): HumanError =>
  isHubOffline()
    ? new HumanError(
        `${name} is wanted without the hub (HF_HUB_OFFLINE), and the cache has no ${what}.`,
        'Fetch it once with HF_HUB_OFFLINE unset, or name a folder in weights.',
        'hub_offline',
      )
    : new HumanError(
        `The hub cannot be reached, and the cache has no ${what} of ${name}.`,
        'Check the connection and start again, or name a folder in weights.',
        'hub_unreachable',
      );

const pageOf = (name: string): string => `${hubAddress()}/${name.slice('hf:'.length)}`;

async function gated(name: string): Promise<HumanError> {
  const isKnown = (await hubToken()) !== null;
  return new HumanError(
    `${name} is given only to those who accepted its licence${isKnown ? ', and the account of your token has not' : ''}.`,
    `Accept it at ${pageOf(name)}${isKnown ? ' with that account' : ', then set HF_TOKEN to a token of that account, or call hf auth login'}.`,
    'hub_gated',
  );
}

async function notAllowed(name: string, { status, reason }: HubRefusal): Promise<HumanError> {
  const isKnown = (await hubToken()) !== null;
  // To those who say no name the hub does not tell a private model from one that is not there.
  const what =
    reason === 'RepoNotFound' || !isKnown
      ? `The hub has no model ${name} that may be read ${isKnown ? 'with your token' : 'without a token'}`
      : `The hub refuses your token for ${name}`;
  return new HumanError(
    `${what} (answer ${status}).`,
    isKnown
      ? 'Check owner and name; the token (HF_TOKEN, or of hf auth login) may have run out or lack the right to read.'
      : 'Check owner and name; for a private model set HF_TOKEN, or call hf auth login.',
    'hub_not_found',
  );
}

function notFound(name: string, { text }: HubRefusal): HumanError {
  return new HumanError(
    `The hub has no model ${name} (answer 404${text ? `: ${text}` : ''}).`,
    `Check owner and name at ${pageOf(name)}.`,
    'hub_not_found',
  );
}
