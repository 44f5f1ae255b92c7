import { expect, test } from '@jest/globals';
import { encodeBase64 } from '../model/base64.ts';
import { createRandom } from '../model/random.ts';
import type { ServiceSpec } from '../model/specs.ts';
import { MachineApi } from './machine-api.ts';
import { World } from './world.ts';

const TEXT = 'no real secret\nsecond line';
const encoder = new TextEncoder();

/** A swarm of one with a task that has a secret, and what its engine answers. */
function stage(): (path: string, body: object) => unknown {
  const swarm = World.of(1);
  const data = { Name: 'key', Labels: {}, Data: encodeBase64([...encoder.encode(TEXT)]) };
  const { id } = swarm.control('m1', { method: 'create-secret', spec: data });
  const File = { Name: 'login', UID: '7', GID: '8', Mode: 0o400 };
  const Secrets = [{ SecretID: id, SecretName: 'key', File }];
  const TaskTemplate: ServiceSpec['TaskTemplate'] = {
    ContainerSpec: { Image: 'workload:v1', Secrets },
    ForceUpdate: 0,
  };
  swarm.createService('web', 1, { TaskTemplate });
  swarm.until('it runs', () => swarm.running('web').length === 1);
  const machine = swarm.machine('m1');
  const api = new MachineApi(machine, createRandom('exec'));
  const container = machine.engine.containers[0]?.id ?? '';
  return (path, body) => {
    let answer = '';
    const target = path.replace('ID', container);
    const bytes = encoder.encode(JSON.stringify(body));
    api.ask({ method: 'POST', target, body: bytes }, (response) => (answer = response.body));
    return answer;
  };
}

function run(...Cmd: readonly string[]): unknown {
  const ask = stage();
  const { Id } = JSON.parse(String(ask('/containers/ID/exec', { Cmd }))) as { readonly Id: string };
  return ask(`/exec/${Id}/start`, {});
}

test('a command in a container shows its secrets as busybox would', () => {
  expect(run('cat', '/proc/mounts')).toContain('tmpfs /run/secrets/login tmpfs ro');
  expect(run('stat', '-c', '%n %a %u %g %s', '/run/secrets/login', '/run/secrets/key')).toBe(
    "/run/secrets/login 400 7 8 26\r\nstat: can't stat '/run/secrets/key': No such file or directory\r\n",
  );
  expect(run('grep', '-H', '', '/run/secrets/login', '/x')).toBe(
    '/run/secrets/login:no real secret\r\n/run/secrets/login:second line\r\ngrep: /x: No such file or directory\r\n',
  );
});

test('there is no other program in a simulated container', () => {
  expect(run('sh', '-c', 'true')).toContain('exec: "sh": executable file not found');
});

test('what was never made cannot be started, and nothing is made where no container is', () => {
  const ask = stage();
  expect(ask('/exec/nothing/start', {})).toContain('No such exec instance');
  expect(ask('/containers/nothing/exec', { Cmd: ['cat'] })).toContain('No such container');
});
