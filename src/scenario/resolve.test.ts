import { expect, test } from '@jest/globals';
import type { ContainerSeen } from '../model/history.ts';
import { resolveTask } from './resolve.ts';
import { Sight } from './sight.ts';

/** A running task of `web`, and what its engine was last seen to say of the container. */
function seen(state: ContainerSeen['state'] | undefined): Sight {
  const sight = new Sight(['n1']);
  sight.see({ what: 'eye', by: 'n1' });
  sight.see({
    ...{ what: 'task', by: 'n1', id: 't', service: 'web', slot: 1, node: 'n1', message: '' },
    ...{ desired: 'running', state: 'running', err: '', container: 'c', image: 'v1', env: [] },
    ...{ createdMs: 0, changedMs: 0 },
  });
  if (state !== undefined)
    sight.see({
      ...{ what: 'container', node: 'n1', id: 'c', name: 'web.1.t', state, task: 't' },
      service: 'web',
    });
  return sight;
}

test.each([undefined, 'created', 'running'] as const)(
  'a running task is meant although its container was last seen %s',
  (state) => {
    expect(resolveTask({ service: 'web' }, seen(state))).toMatchObject({ id: 't' });
  },
);

test.each(['paused', 'exited', 'dead', 'gone'] as const)(
  'a task is not meant that the swarm has for running and whose container is %s',
  (state) => {
    expect(() => resolveTask({ service: 'web' }, seen(state))).toThrow('no task of web runs now');
  },
);
