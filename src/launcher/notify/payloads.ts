import type { NotifyConfig } from '../../experiment/config.ts';
import { shortened } from '../../text/words.ts';
import type { News } from './news.ts';

export type Webhook = NonNullable<NotifyConfig['webhook']>;

/** A webhook's body, and what it answers where a refusal comes with status 200. */
interface Service {
  payload: (news: News) => object;
  /** Why the answer's JSON is a refusal; null when it is none. */
  refusal?: (answer: Record<string, unknown>) => string | null;
}

/** Discord's most; the others take more. */
const longest = 2000;

const text = (news: News): string => shortened(news.text, longest);

export const services: Readonly<Record<Webhook, Service>> = {
  // https://api.slack.com/messaging/webhooks: & < > are markup.
  slack: {
    payload: (news) => ({
      text: text(news).replace(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign]!),
    }),
  },
  // https://discord.com/developers/docs/resources/webhook#execute-webhook: nobody is called by a name in the text.
  discord: { payload: (news) => ({ content: text(news), allowed_mentions: { parse: [] } }) },
  // https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot (Lark the same)
  feishu: {
    payload: (news) => ({ msg_type: 'text', content: { text: text(news) } }),
    refusal: ({ code, msg }) => (typeof code === 'number' && code !== 0 ? `${code} ${String(msg)}` : null),
  },
  // https://open.dingtalk.com/document/robots/custom-robot-access
  dingtalk: {
    payload: (news) => ({ msgtype: 'text', text: { content: text(news) } }),
    refusal: ({ errcode, errmsg }) =>
      typeof errcode === 'number' && errcode !== 0 ? `${errcode} ${String(errmsg)}` : null,
  },
  json: { payload: ({ facts, text: message }) => ({ ...facts, message }) },
};
