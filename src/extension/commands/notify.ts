import type { Command } from './commands.ts';

/** Whom runs tell of their end. */
export const notifyCommands: Record<string, Command> = {
  setWebhookAddress: ({ webhook }) => webhook.ask(),
};
