#!/usr/bin/env node
/**
 * The outer door. It runs on whatever Node the host has (18 or newer), installs the project's packages when they are not there or no longer fit
 * package.json, and then hands over to the project's own Node. Everything else is in src/main.ts.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const node = join(root, 'node_modules', 'node', 'bin', 'node');
const stamp = join(root, 'node_modules', '.swarmtwin');
const COULD_NOT_RUN = 3;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** What decides which packages are there; a new script in package.json does not. */
function wantedStamp() {
  const { dependencies, devDependencies, allowScripts } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  const hash = createHash('sha256');
  hash.update(JSON.stringify([dependencies, devDependencies, allowScripts]));
  const lock = join(root, 'package-lock.json');
  if (existsSync(lock)) hash.update(readFileSync(lock));
  return hash.digest('hex');
}

async function install() {
  const wanted = wantedStamp();
  if (existsSync(node) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  const begin = Date.now();
  const seconds = () => Math.round((Date.now() - begin) / 1000);
  process.stderr.write('swarmtwin: installing packages (npm install) …\n');
  const heartbeat = setInterval(() => {
    process.stderr.write(`swarmtwin: still installing packages (${seconds()} s)\n`);
  }, 10_000);
  const why = await npmInstall();
  clearInterval(heartbeat);
  if (why !== '' || !existsSync(node)) {
    process.stderr.write(`swarmtwin: could not install the packages: ${why || `no ${node}`}\n`);
    process.stderr.write(`swarmtwin: type: cd ${root} && npm install\n`);
    process.exit(COULD_NOT_RUN);
  }
  // npm may have rewritten the lock file for this platform, hence the stamp of what is there now.
  writeFileSync(stamp, wantedStamp());
  process.stderr.write(`swarmtwin: packages installed after ${seconds()} s\n`);
}

/** '' when it went well, else why not. A signal ends npm first, so that it does not go on alone. */
function npmInstall() {
  const args = ['install', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = spawn('npm', args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  const pass = (signal) => npm.kill(signal);
  for (const signal of SIGNALS) process.on(signal, pass);
  return new Promise((resolve) => {
    npm.on('error', (caught) => resolve(caught.message));
    npm.on('exit', (code, signal) => {
      for (const name of SIGNALS) process.off(name, pass);
      if (signal !== null) process.exit(128 + constants.signals[signal]);
      resolve(code === 0 ? '' : `npm install ended with ${code}`);
    });
  });
}

await install();
const child = spawn(
  node,
  ['--disable-warning=ExperimentalWarning', join(root, 'src', 'main.ts'), ...process.argv.slice(2)],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      PATH: `${join(root, 'node_modules', '.bin')}:${process.env.PATH ?? ''}`,
    },
  },
);
// The terminal sends Ctrl-C to the child too; a signal for this process alone is passed on. The child cleans up and decides the code.
for (const signal of SIGNALS) {
  process.on(signal, () => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  });
}
child.on('error', (caught) => {
  process.stderr.write(`swarmtwin: could not start ${node}: ${caught.message}\n`);
  process.exit(COULD_NOT_RUN);
});
child.on('exit', (code, signal) => {
  process.exit(code ?? (signal === 'SIGINT' ? 130 : signal === 'SIGTERM' ? 143 : COULD_NOT_RUN));
});
