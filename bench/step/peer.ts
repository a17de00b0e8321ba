import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** One program that times steps on request: our worker or PyTorch's. */
export interface Peer {
  ask(command: string): Promise<Record<string, unknown>>;
  end(): void;
}

export interface Timing {
  ms: number[];
  cpu_ms: number[];
  loss: number;
  peak_mb: number;
}

/** Starts it; answers come one line of JSON each. An end before the answer is an error with what it last wrote. */
export function startPeer(command: string, args: string[], env: Record<string, string> = {}): Peer {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (part: Buffer) => (complaint = (complaint + String(part)).slice(-2000)));
  const waiting: { resolve(value: Record<string, unknown>): void; reject(error: Error): void }[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('{')) waiting.shift()?.resolve(JSON.parse(line) as Record<string, unknown>);
  });
  const fail = (why: string) => {
    for (const { reject } of waiting.splice(0))
      reject(new Error(`${command} ${args.join(' ')}: ${why}\n${complaint}`));
  };
  child.on('error', (error) => fail(error.message));
  child.on('close', (code) => fail(`ended with ${code}`));
  return {
    ask: (line) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        child.stdin.write(`${line}\n`);
      }),
    end: () => child.stdin.end(),
  };
}
