/** `bin/dockerd-twin` in place of each engine's dockerd: a script that starts `dockerd` gets it by its PATH, several beside each other on one machine. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../src/command/project.ts';
import { ENGINE_LINES } from '../../src/model/engines.ts';
import { startMachine, type Machine } from './machine.ts';

const START_MS = 10 * 60_000;
const TEST_MS = 150_000;

/** What every script begins with: `dockerd` is the twin, and `start NAME FLAGS…` starts one and waits until it answers, as test suites of engines do. */
const BEGIN = `set -eu
data=/var/lib/docker/beside
mkdir -p /tmp/path $data && ln -sf ${join(PROJECT_ROOT, 'bin/dockerd-twin')} /tmp/path/dockerd
export PATH=/tmp/path:$PATH
at() { echo "unix:///run/$1.sock"; }
begin() {
  name=$1; shift
  dockerd --data-root $data/$name --exec-root /run/$name --pidfile /run/$name.pid --host "$(at $name)" \\
    --storage-driver overlay2 --bridge none --iptables=false --ip6tables=false "$@" > /tmp/$name.log 2>&1 &
  echo $! > /tmp/$name.job
}
start() {
  begin "$@"
  for i in $(seq 300); do
    docker --host "$(at $1)" version > /dev/null 2>&1 && return
    kill -0 $(cat /tmp/$1.job) 2> /dev/null || { cat /tmp/$1.log >&2; return 1; }
    sleep 0.1
  done
  cat /tmp/$1.log >&2; return 1
}
stop() { kill -TERM $(cat /tmp/$1.job); while kill -0 $(cat /tmp/$1.job) 2> /dev/null; do sleep 0.1; done; }
`;

describe.each(ENGINE_LINES)('in place of the dockerd of %s', (engine) => {
  let machine: Machine;
  const script = (text: string): Promise<string> => machine.output(`${BEGIN}${text}`);
  beforeAll(async () => {
    machine = await startMachine(engine);
  }, START_MS);
  afterAll(async () => {
    await machine.down();
  }, TEST_MS);

  test(
    'two of them on one machine make a swarm that runs a service',
    async () => {
      const said = await script(`
      start a; start b
      docker -H $(at a) swarm init --advertise-addr 127.0.0.1 --listen-addr 127.0.0.1:4377 > /dev/null
      token=$(docker -H $(at a) swarm join-token -q worker)
      docker -H $(at b) swarm join --token $token --advertise-addr 127.0.0.1 --listen-addr 127.0.0.1:4378 127.0.0.1:4377
      docker save swarmtwin/workload:v1 | docker -H $(at a) load > /dev/null
      docker -H $(at a) service create --detach --no-resolve-image --name web --network host --constraint node.role==manager swarmtwin/workload:v1 > /dev/null
      until docker -H $(at a) service ls --format '{{.Replicas}}' | grep -q 1/1; do sleep 0.2; done
      docker -H $(at a) node ls --format '{{.Status}} {{.EngineVersion}}'`);
      expect(said).toMatch(new RegExp(`(Ready ${engine.replace('.', '\\.')}\\S*\\n){2}`));
    },
    TEST_MS,
  );

  test(
    'SIGTERM ends it with its engine and its containers, and with its data it is in its swarm again',
    async () => {
      const said = await script(`
      before=$(docker -H $(at a) ps -q)
      stop a
      test ! -e /run/a.pid
      test -z "$(ps -e -o args= | grep '[/]run/a/')" || { ps -e -o args=; exit 1; }
      start a
      docker -H $(at a) info --format '{{.Swarm.LocalNodeState}}'
      until after=$(docker -H $(at a) ps -q) && [ -n "$after" ] && [ "$after" != "$before" ]; do sleep 0.2; done
      until docker -H $(at a) service ls --format '{{.Replicas}}' | grep 1/1; do sleep 0.2; done`);
      expect(said).toBe('active\n1/1\n');
    },
    TEST_MS,
  );

  test(
    'SIGHUP has it read its configuration file again',
    async () => {
      const said = await script(`
      echo '{"labels": ["a=b"]}' > /tmp/c.json
      start c --config-file /tmp/c.json
      docker -H $(at c) info --format '{{.Labels}}'
      echo '{"labels": ["c=d"]}' > /tmp/c.json
      kill -HUP $(cat /tmp/c.job)
      until docker -H $(at c) info --format '{{.Labels}}' | grep c=d; do sleep 0.1; done
      stop c`);
      expect(said).toBe('[a=b]\n[c=d]\n');
    },
    TEST_MS,
  );

  test(
    'it says when it is ready, and what it does not take, as dockerd does',
    async () => {
      const real = await machine.run('/usr/bin/env dockerd --no-such-flag');
      const twin = await machine.run(`${BEGIN}dockerd --no-such-flag`);
      expect(twin).toEqual(real);
      const version = 'dockerd --version';
      expect(await machine.output(`${BEGIN}${version}`)).toBe(await machine.output(version));
    },
    TEST_MS,
  );

  test(
    'an engine that keeps containers while it is away is kept out of swarms',
    async () => {
      const said = await machine.run(`${BEGIN}
      start d --live-restore
      docker -H $(at d) swarm init --advertise-addr 127.0.0.1 --listen-addr 127.0.0.1:4379 || true
      stop d
      start e
      docker -H $(at e) swarm init --advertise-addr 127.0.0.1 --listen-addr 127.0.0.1:4380 > /dev/null
      stop e
      echo '{"live-restore": true}' > /tmp/e.json
      begin e --config-file /tmp/e.json
      code=0; wait $! || code=$?; echo "ended with $code"
      grep -o 'Error starting cluster component: .*mode' /tmp/e.log`);
      const text = '--live-restore daemon configuration is incompatible with swarm mode';
      expect(said.stderr).toContain(`Error response from daemon: ${text}\n`);
      expect(said.stdout).toBe(`ended with 1\nError starting cluster component: ${text}\n`);
    },
    TEST_MS,
  );
});
