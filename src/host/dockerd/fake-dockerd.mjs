#!/usr/bin/env node
// For tests: what a dockerd in front of nothing answers, on the socket that it is told.
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

const words = process.argv.slice(2);
const after = (flag) => words[words.lastIndexOf(flag) + 1];
if (words.includes('--version')) {
  process.stdout.write('Docker version 26.1.5, build fake\n');
  process.exit(0);
}
if (words.includes('--refused')) {
  process.stderr.write("unknown flag: --refused\nSee 'dockerd --help'.\n");
  process.exit(125);
}
if (words.includes('--validate')) process.exit(0);
const config = after('--config-file');
const note = (what) => {
  appendFileSync(`${config}.notes`, `${what}\n`);
};
note(`started ${words.join(' ')} notify=${process.env.NOTIFY_SOCKET ?? ''}`);
writeFileSync(after('--pidfile'), String(process.pid));
const socket = after('--host').slice('unix://'.length);
rmSync(socket, { force: true });
const server = createServer((request, response) => {
  const version = { Version: '26.1.5', ApiVersion: '1.45', MinAPIVersion: '1.24' };
  response.setHeader('Content-Type', 'application/json');
  const isList = request.url.includes('/containers/json');
  const info = {
    Name: 'fake',
    OSType: 'linux',
    Architecture: 'x86_64',
    NCPU: 1,
    MemTotal: 1,
    Swarm: {},
  };
  response.end(JSON.stringify(request.url.endsWith('/version') ? version : isList ? [] : info));
});
server.listen(socket);
process.on('SIGHUP', () => {
  note(`reloaded ${readFileSync(config, 'utf8')}`);
});
process.on('SIGTERM', () => {
  note('ended');
  process.exit(0);
});
