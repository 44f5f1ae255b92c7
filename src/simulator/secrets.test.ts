/** Secrets through a whole simulated swarm: who is sent them, what containers see, when they are gone. */
import { expect, test } from '@jest/globals';
import { encodeBase64 } from '../model/base64.ts';
import { encodeUtf8 } from '../model/utf8.ts';
import { World } from './world.ts';

const TEXT = encodeBase64(encodeUtf8('correct horse'));

function createSecret(swarm: World): string {
  const spec = { Name: 'pass', Labels: {}, Data: TEXT };
  return swarm.control(swarm.leader(), { method: 'create-secret', spec }).id;
}

const filesOn = (swarm: World, name: string): readonly string[] =>
  swarm.machine(name).engine.containers.flatMap(({ files }) => files.map(({ data }) => data));

test('a task sees its secret in its container only, which is emptied when it ends', () => {
  const swarm = World.of(3, 2, 'secrets');
  const secret = createSecret(swarm);
  const File = { Name: 'pass', UID: '0', GID: '0', Mode: 0o400 };
  const ContainerSpec = {
    Image: 'http',
    Secrets: [{ SecretID: secret, SecretName: 'pass', File }],
  };
  const Placement = { Constraints: ['node.role==worker'] };
  swarm.createService('web', 1, { TaskTemplate: { ContainerSpec, Placement, ForceUpdate: 0 } });
  swarm.until('it runs', () => swarm.running('web').length === 1);
  const [first] = swarm.running('web');
  const runsOn = first?.nodeId;
  for (const name of ['m1', 'm2', 'm3', 'w1', 'w2']) {
    const isThere = swarm.machine(name).node.nodeId() === runsOn;
    expect(filesOn(swarm, name)).toEqual(isThere ? [TEXT] : []);
  }
  const place = ['w1', 'w2'].find((name) => swarm.machine(name).node.nodeId() === runsOn) ?? '';
  swarm.machine(place).engine.containers[0]?.kill();
  expect(filesOn(swarm, place)).toEqual([]);
  swarm.until('another runs', () => swarm.running('web').some(({ id }) => id !== first?.id));
  expect(filesOn(swarm, 'w1').length + filesOn(swarm, 'w2').length).toBe(1);
});
