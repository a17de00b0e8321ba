import * as z from 'zod';
import { key } from './key.ts';

/** `notify`: who is told when a run ends, fails, or is seen to learn nothing. */
export const notifySection = z.strictObject({
  webhook: key(z.enum(['slack', 'discord', 'feishu', 'dingtalk', 'json']).nullable().default(null), {
    label: 'Webhook',
    description:
      'Service whose webhook gets a message when a run or sweep ends, fails, or has a finding that it is not worth training on after. json: the facts as one JSON object. null: none.',
    sweepable: false,
  }),
  url_env: key(
    z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
      .default('TANDEM_WEBHOOK_URL'),
    {
      label: 'Address from',
      description:
        'Environment variable that holds the webhook’s address, which is as good as a password and stands in no file. In VS Code, Tandem: Set Webhook Address keeps one for TANDEM_WEBHOOK_URL.',
      sweepable: false,
    },
  ),
  command: key(z.string().min(1).nullable().default(null), {
    label: 'Command',
    description:
      'Shell command that is run at the same times, in the project’s folder, with the message in TANDEM_MESSAGE and the facts as JSON on its standard input. null: none.',
    usual: [{ value: 'notify-send Tandem "$TANDEM_MESSAGE"', source: 'Linux desktops' }],
    sweepable: false,
  }),
});
