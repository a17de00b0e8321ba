// Loaded before a trainer (node --import): the process kills itself with SIGKILL where KILL_HERE says.
import fs from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { isMainThread, Worker } from 'node:worker_threads';

const { where, at, share } = JSON.parse(process.env.KILL_HERE);

/** The signal needs a moment to arrive: nothing may be done in it. */
function die() {
  process.kill(process.pid, 'SIGKILL');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

/** After `at` milliseconds, whatever the main thread is in: another thread counts them. */
function killAtTime() {
  const code = `setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${at})`;
  new Worker(code, { eval: true }).unref();
}

/** In the line of events with the number `at`, of which only a share reaches the file. */
function killInLine() {
  const { openSync, writeSync } = fs;
  let events = null;
  let lines = 0;
  fs.openSync = (file, flags, ...rest) => {
    const descriptor = openSync(file, flags, ...rest);
    if (flags === 'a' && String(file).endsWith('events.jsonl')) events = descriptor;
    return descriptor;
  };
  fs.writeSync = (descriptor, bytes, ...rest) => {
    if (descriptor !== events) return writeSync(descriptor, bytes, ...rest);
    for (let start = 0, end; (end = bytes.indexOf(10, start) + 1) > 0; start = end)
      if (++lines === at) {
        writeSync(descriptor, bytes.subarray(0, start + Math.floor(share * (end - start))));
        die();
      }
    return writeSync(descriptor, bytes, ...rest);
  };
}

/** In the operation with the number `at` on what lies in the folder of checkpoints: a share of it is done. */
function killInCheckpoint() {
  let operations = 0;
  const isDue = (path) => /[/\\]checkpoints([/\\]|$)/.test(String(path)) && ++operations === at;
  const { mkdir, open, readdir, rename, rm, writeFile } = promises;
  const cut = (content) => {
    const bytes = Buffer.from(content);
    return bytes.subarray(0, Math.floor(share * bytes.length));
  };
  const inPart = {
    mkdir: (path, options) => share >= 0.5 && mkdir(path, options),
    rename: (from, to) => share >= 0.5 && rename(from, to),
    async rm(path, options) {
      const names = await readdir(path).catch(() => []);
      for (const name of names.slice(0, Math.ceil(share * names.length))) await rm(join(path, name), options);
    },
    writeFile: (path, content, options) => writeFile(path, cut(content), options),
  };
  for (const [name, doInPart] of Object.entries(inPart)) {
    const whole = promises[name];
    promises[name] = async (path, ...rest) => {
      if (!isDue(path)) return whole(path, ...rest);
      await doInPart(path, ...rest);
      return die();
    };
  }
  // A file that is written piece by piece, up to a byte.
  promises.open = async (path, flags, ...rest) => {
    const handle = await open(path, flags, ...rest);
    if (flags !== 'w' || !isDue(path)) return handle;
    handle.sync = async () => {
      const { size } = await handle.stat();
      await handle.truncate(Math.floor(share * size));
      return die();
    };
    return handle;
  };
}

if (isMainThread) {
  ({ time: killAtTime, line: killInLine, checkpoint: killInCheckpoint })[where]();
  syncBuiltinESMExports();
}
