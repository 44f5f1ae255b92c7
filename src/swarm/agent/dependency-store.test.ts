import { expect, test } from '@jest/globals';
import { secretId } from '../../model/ids.ts';
import type { Secret } from '../../model/objects.ts';
import { makeTask, VirtualSwarm } from '../dispatcher/virtual-swarm.ts';
import { FakeExecutor } from './fake-executor.ts';
import { MemoryAgentStorage } from './storage.ts';
import { TaskTable } from './task-table.ts';

test('a complete message leaves only the secrets that it lists', () => {
  const { ports } = new VirtualSwarm();
  const engine = new FakeExecutor('n1');
  const table = new TaskTable(ports, engine, new MemoryAgentStorage(), () => undefined);
  const meta = { version: 0, createdAt: 0, updatedAt: 0 };
  const secret = (id: string): Secret => ({
    id: secretId(id),
    meta,
    spec: { Name: id, Labels: {} },
  });
  const Secrets = ['a', 'b'].map((id) => ({ SecretID: id, SecretName: id }));
  const spec = { ContainerSpec: { Image: 'v1', Secrets } };
  const task = makeTask('t', { node: 'n1', state: 'assigned', spec });
  const complete = (...ids: string[]): void => {
    const secrets = ids.map(
      (id) => ({ kind: 'secret', action: 'update', secret: secret(id) }) as const,
    );
    const changes = [...secrets, { kind: 'task', action: 'update', task } as const];
    table.assign({ type: 'complete', appliesTo: '', resultsIn: '1', changes });
  };
  complete('a', 'b');
  expect(engine.of('t').dependencies.secrets.map(({ id }) => id)).toEqual(['a', 'b']);
  complete('b');
  expect(engine.of('t').dependencies.secrets.map(({ id }) => id)).toEqual(['b']);
});
