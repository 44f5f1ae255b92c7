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
const ANSWERS = {
  '/version': { Version: '26.1.5', ApiVersion: '1.45', MinAPIVersion: '1.24' },
  '/info': {
    Name: 'fake',
    OSType: 'linux',
    Architecture: 'x86_64',
    NCPU: 1,
    MemTotal: 1,
    Swarm: {},
  },
  '/_ping': 'OK',
  '/containers/json': [],
  '/networks': [],
};
const server = createServer((request, response) => {
  request.resume();
  const path = request.url.replace(/\?.*$/, '').replace(/^\/v[0-9.]+/, '');
  response.setHeader('Content-Type', 'application/json');
  // Nothing ever happens here.
  if (path === '/events') {
    response.flushHeaders();
    if (/[?&]until=/.test(request.url)) response.end();
    return;
  }
  const answer = ANSWERS[path];
  if (answer === undefined) response.statusCode = 404;
  response.end(JSON.stringify(answer ?? { message: `a fake engine has no ${path}` }));
});
server.listen(socket);
process.on('SIGHUP', () => {
  note(`reloaded ${readFileSync(config, 'utf8')}`);
});
process.on('SIGTERM', () => {
  note('ended');
  process.exit(0);
});
