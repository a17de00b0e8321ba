import { CancellationError, type CancellationToken } from 'vscode';
import type { Reply } from './tandem-client.ts';

/** The answer, for a command that says its failures once for all: they are thrown. */
export function answerOf<Value>(reply: Reply<Value>): Value {
  if (reply.kind === 'answer') return reply.value;
  throw reply.kind === 'failure' ? reply.error : new CancellationError();
}

/** Aborts when the person cancels. */
export function signalOf(token: CancellationToken): AbortSignal {
  const controller = new AbortController();
  token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}
