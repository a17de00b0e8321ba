// Loaded before a program (node --import): each connection and look-up that Node makes is written to the file WATCHED_NETWORK.
import dns from 'node:dns';
import { appendFileSync } from 'node:fs';
import net from 'node:net';
import { syncBuiltinESMExports } from 'node:module';

const note = (what) => appendFileSync(process.env.WATCHED_NETWORK, `${what}\n`);

const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (...args) {
  note(`connection ${JSON.stringify(args[0])}`);
  return connect.apply(this, args);
};
for (const module of [dns, dns.promises]) {
  const { lookup } = module;
  module.lookup = (host, ...rest) => {
    note(`look-up ${host}`);
    return lookup(host, ...rest);
  };
}
syncBuiltinESMExports();
