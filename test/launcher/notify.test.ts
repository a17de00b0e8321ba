import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import type { NotifyConfig, RunConfig } from '../../src/experiment/config.ts';
import { finishRun } from '../../src/launcher/finish.ts';
import { newsOfEnd, newsOfFinding, newsOfSweep, type News } from '../../src/launcher/notify/news.ts';
import { services } from '../../src/launcher/notify/payloads.ts';
import { sendNews } from '../../src/launcher/notify/send.ts';
import { startTrainer } from '../../src/launcher/start.ts';
import { logTail } from '../../src/launcher/trainer-log.ts';
import type { RunFinding, RunStatus } from '../../src/protocol/events.ts';
import type { RunFile } from '../../src/protocol/run.ts';
import { blankRunFile } from '../../src/store/run-file.ts';
import { createRun, logFile, readRunFile } from '../../src/store/run-folder.ts';
import { tandem } from './command-line.ts';
import { buildPrograms, buildStandIn } from './programs.ts';
import { projectFolder, standIn } from './runs.ts';

/** A webhook's service on this machine. */
interface Service {
  address: string;
  received: { path: string; body: unknown }[];
  /** What the next requests are answered with, then status 200 and "ok". `wait`: never. */
  answers: ({ status: number; body: string } | 'wait')[];
}

let server: Server;
let service: Service;
beforeEach(async () => {
  const received: Service['received'] = [];
  const answers: Service['answers'] = [];
  server = createServer((request, response) => {
    void bodyOf(request).then((text) => {
      received.push({ path: request.url!, body: JSON.parse(text) });
      const answer = answers.shift() ?? { status: 200, body: 'ok' };
      if (answer === 'wait') return;
      response.writeHead(answer.status).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  service = { address: `http://127.0.0.1:${port}/secret-token`, received, answers };
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

const fileOf = (more: Partial<RunFile> = {}): RunFile => ({
  ...blankRunFile('20260101-000000-emoji-abcd'),
  experiment: 'emoji',
  step: 1200,
  steps: 2000,
  ...more,
});
const collapse: RunFinding = {
  step: 1200,
  severity: 'error',
  code: 'collapse',
  key: null,
  message: 'All images have nearly the same vector.',
  advice: 'Start again.',
  evidence: { mean_cosine_image: 0.99 },
};
const finding: News = newsOfFinding({ file: fileOf(), status: 'running' }, collapse);

describe('what is told', () => {
  const end = (status: RunStatus, more: Partial<RunFile> = {}) =>
    newsOfEnd({ file: fileOf(more), status })?.text ?? null;

  it('is how a run ended, with its best value and its reason', () => {
    const chance = { mean: 0.0265, deviation: 0.005 };
    const summary = { 'val/recall@10': { last: 0.2, best: 0.25, best_step: 900, count: 20, chance } };
    expect(end('finished', { step: 2000, summary })).toBe(
      'Tandem: emoji abcd finished at step 2,000 of 2,000. Best recall@10 0.25 (chance 0.0265).',
    );
    expect(end('failed', { reason: 'The disk is full. Make room.' })).toBe(
      'Tandem: emoji abcd failed at step 1,200 of 2,000. The disk is full. Make room.',
    );
    expect(end('interrupted', { title: 'my run' })).toMatch(/^Tandem: my run interrupted at step 1,200/);
  });

  it('is nothing about a run that goes on or that somebody stopped, nor about one of many that ended well', () => {
    const sweep = { id: 's', index: 0, count: 3 };
    expect([end('running'), end('queued'), end('stopped'), end('finished', { sweep })]).toEqual(
      Array.from({ length: 4 }, () => null),
    );
    expect(end('diverged', { sweep })).toContain('diverged at step 1,200');
  });

  it('is the end of a sweep, once, by the run that ended last', () => {
    const trial = (id: string, status: RunStatus, writtenAt: number) => ({
      file: { ...fileOf({ sweep: { id: 's', index: 0, count: 3 } }), id },
      status,
      writtenAt,
    });
    const other = fileOf({ sweep: { id: 't', index: 0, count: 1 } });
    const all = [
      trial('a', 'finished', 5),
      trial('b', 'failed', 7),
      trial('c', 'finished', 6),
      { ...trial('other', 'running', 9), file: other },
    ];
    expect(all.slice(0, 3).map((one) => newsOfSweep(one, all)?.text ?? null)).toEqual([
      null,
      'Tandem: the sweep of emoji has ended: 1 failed, 2 finished.',
      null,
    ]);
    expect(newsOfSweep(all[1]!, all)!.facts.sweep).toEqual({ failed: 1, finished: 2 });
    expect(newsOfSweep(all[1]!, [...all, trial('d', 'queued', 1)])).toBeNull();
    const stopped = trial('e', 'stopped', 1);
    expect(newsOfSweep(stopped, [stopped])).toBeNull();
  });
});

test('each service gets the form that it asks for', () => {
  const said =
    'Tandem: emoji abcd, step 1,200 of 2,000: All images have nearly the same vector. Start again.';
  const bodies = Object.fromEntries(
    Object.entries(services).map(([name, { payload }]) => [name, payload(finding)]),
  );
  expect(bodies).toEqual({
    slack: { text: said },
    discord: { content: said, allowed_mentions: { parse: [] } },
    feishu: { msg_type: 'text', content: { text: said } },
    dingtalk: { msgtype: 'text', text: { content: said } },
    json: {
      event: 'finding',
      experiment: 'emoji',
      run: '20260101-000000-emoji-abcd',
      status: 'running',
      step: 1200,
      steps: 2000,
      reason: null,
      finding: collapse,
      sweep: null,
      message: said,
    },
  });
  const odd = { ...finding, text: `<a> & @everyone ${'x'.repeat(3000)}` };
  expect(services.slack.payload(odd)).toMatchObject({
    text: expect.stringMatching(/^&lt;a&gt; &amp; @/) as string,
  });
  expect((services.discord.payload(odd) as { content: string }).content).toHaveLength(2000);
});

describe('a webhook', () => {
  const send = (webhook: NotifyConfig['webhook'], address = service.address, limitMs = 20_000) =>
    sendNews(
      finding,
      { webhook, url_env: 'HOOK', command: null },
      { env: { HOOK: address }, cwd: '.', limitMs, againMs: 10 },
    );

  it('that takes the message leaves nothing to say', async () => {
    expect(await send('slack')).toEqual([]);
    expect(service.received).toEqual([{ path: '/secret-token', body: services.slack.payload(finding) }]);
  });

  it('that is busy is asked once more, one that refuses is not', async () => {
    service.answers.push({ status: 503, body: 'later' });
    expect([await send('discord'), service.received.length]).toEqual([[], 2]);
    service.answers.push({ status: 404, body: 'gone' }, { status: 404, body: 'gone' });
    expect(await send('slack')).toEqual(['No message to slack: it answered with status 404.']);
    expect(service.received).toHaveLength(3);
  });

  it.each([
    ['feishu', '{"code":19024,"msg":"Key Words Not Found"}', '19024 Key Words Not Found'],
    ['dingtalk', '{"errcode":310000,"errmsg":"keywords not in content"}', '310000 keywords not in content'],
  ] as const)('of %s that refuses with status 200 is heard', async (webhook, body, reason) => {
    service.answers.push({ status: 200, body });
    expect(await send(webhook)).toEqual([`No message to ${webhook}: it refused it (${reason}).`]);
    service.answers.push({ status: 200, body: '{"code":0,"errcode":0,"msg":"success"}' });
    expect(await send(webhook)).toEqual([]);
  });

  it('that is slow, gone, elsewhere or not set is told in one line without its address', async () => {
    service.answers.push('wait', 'wait');
    expect(await send('json', service.address, 300)).toEqual(['No message to json: no answer in 0.3 s.']);
    service.answers.push({ status: 302, body: '' }, { status: 302, body: '' });
    const elsewhere = await send('json');
    const free = new URL(service.address);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    const gone = await send('json', free.href);
    expect(gone).toEqual(['No message to json: it cannot be reached (ECONNREFUSED).']);
    expect(await send('json', '')).toEqual(['No message to json: the environment variable HOOK is not set.']);
    const wrong = await send('json', 'hooks.example.com/secret-token');
    expect(wrong[0]).toContain('HOOK does not hold an address that begins with https://');
    for (const line of [...elsewhere, ...gone, ...wrong])
      expect(line).not.toMatch(/secret-token|127\.0\.0\.1/);
  });
});

describe('a command', () => {
  const folder = projectFolder();
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const run = (command: string, limitMs = 20_000) =>
    sendNews(
      finding,
      { webhook: null, url_env: 'HOOK', command },
      { env: process.env, cwd: folder, limitMs },
    );
  const node = `"${process.execPath}" -e`;

  it('gets the message in its environment and the facts on its standard input', async () => {
    const script = `const fs=require('fs'); fs.writeFileSync('told.json', JSON.stringify([process.env.TANDEM_MESSAGE, JSON.parse(fs.readFileSync(0,'utf8'))]))`;
    expect(await run(`${node} "${script}"`)).toEqual([]);
    const [message, facts] = JSON.parse(readFileSync(join(folder, 'told.json'), 'utf8')) as [string, object];
    expect(message).toBe(finding.text);
    expect(facts).toEqual({ ...finding.facts, message: finding.text });
  });

  it('that fails or never ends is told, and ended', async () => {
    expect(await run(`${node} "process.exit(7)"`)).toEqual(['The command of notify ended with exit code 7.']);
    const began = performance.now();
    expect(await run(`${node} "setTimeout(() => 0, 60000)"`, 500)).toEqual([
      'The command of notify took longer than 0.5 s and was ended.',
    ]);
    expect(performance.now() - began).toBeLessThan(20_000);
  });
});

describe('a run that is trained', { timeout: 120_000 }, () => {
  let restore: () => void;
  beforeAll(async () => {
    await buildPrograms();
    restore = await buildStandIn();
  }, 120_000);
  afterAll(() => restore());

  async function trained(way: string, address: string): Promise<{ dir: string; file: RunFile }> {
    const folder = projectFolder();
    mkdirSync(join(folder, '.tandem'));
    const notify: NotifyConfig = { webhook: 'json', url_env: 'HOOK', command: null };
    const dir = await createRun(join(folder, '.tandem/runs'), {
      experiment: 'told',
      source: 'data: { pairs: pairs.csv }\n',
      config: { name: 'told', train: { steps: 20 }, notify } as RunConfig,
      experimentPath: join(folder, 'told.tandem.yaml'),
    });
    const program = { ...standIn(way, 20), notifierEnv: { HOOK: address } };
    const { exited } = await startTrainer(dir, program);
    await finishRun(dir, (await exited)!);
    return { dir, file: await readRunFile(dir) };
  }

  it('tells of its finding and its end, and keeps the address to itself', async () => {
    const { dir } = await trained('finding', service.address);
    await expect.poll(() => service.received.length).toBe(2);
    expect(service.received.map(({ body }) => body)).toMatchObject([
      { event: 'finding', experiment: 'told', finding: { code: 'at_chance', step: 10 } },
      { event: 'ended', status: 'finished', step: 20, steps: 20 },
    ]);
    for (const name of ['run.json', 'config.json', 'trainer.log', 'events.jsonl'])
      expect(readFileSync(join(dir, name), 'utf8')).not.toContain('secret-token');
  });

  it('that crashes tells why, with the end that its starter wrote', async () => {
    await trained('crash', service.address);
    await expect.poll(() => service.received.length).toBe(1);
    expect(service.received[0]!.body).toMatchObject({
      event: 'ended',
      status: 'failed',
      message: expect.stringContaining('out of luck at step 10') as string,
    });
  });

  it('goes on as ever with a webhook that is dead, and its log says so in one line that explains no failure', async () => {
    await new Promise((resolve) => server.close(resolve));
    const { dir, file } = await trained('good', service.address);
    expect(file).toMatchObject({ status: 'finished', step: 20 });
    const lines = () => readFileSync(logFile(dir), 'utf8').match(/^notify: .*$/gm);
    await expect.poll(lines).toEqual(['notify: No message to json: it cannot be reached (ECONNREFUSED).']);
    expect(await logTail(logFile(dir))).toEqual(['training 20 steps']);
  });

  it('tells of a sweep once, when its last run is over, also when that one dies before it begins', async () => {
    const folder = projectFolder();
    mkdirSync(join(folder, '.tandem'));
    const dirs = await Promise.all(
      [0, 1].map((index) =>
        createRun(join(folder, '.tandem/runs'), {
          experiment: 'swept',
          source: 'data: { pairs: pairs.csv }\n',
          config: {
            name: 'swept',
            train: { steps: 20 },
            notify: { webhook: 'json', url_env: 'HOOK', command: null },
          } as RunConfig,
          experimentPath: join(folder, 'swept.tandem.yaml'),
          sweep: { id: 's', index, count: 2 },
        }),
      ),
    );
    const program = (way: string) => ({ ...standIn(way, 2), notifierEnv: { HOOK: service.address } });
    const { exited } = await startTrainer(dirs[0]!, program('good'));
    await finishRun(dirs[0]!, (await exited)!);
    await expect(startTrainer(dirs[1]!, program('crash at start'))).rejects.toThrow('the sky has fallen');
    await expect.poll(() => service.received.length).toBe(2);
    expect(service.received.map(({ body }) => body)).toMatchObject([
      { event: 'ended', status: 'failed' },
      { event: 'sweep_ended', sweep: { finished: 1, failed: 1 } },
    ]);
  });

  it('can be told of by hand, to try it out', async () => {
    const { dir } = await trained('good', service.address);
    await expect.poll(() => service.received.length).toBe(1);
    const sent = await tandem(['notify', dir], '.', { HOOK: service.address });
    expect([sent.code, sent.stdout]).toEqual([0, expect.stringContaining('Sent: Tandem: told ')]);
    expect(service.received).toHaveLength(2);
    const unset = await tandem(['notify', dir], '.', { HOOK: '' });
    expect([unset.code, unset.stderr.trim()]).toEqual([
      3,
      'No message to json: the environment variable HOOK is not set.',
    ]);
  });
});
