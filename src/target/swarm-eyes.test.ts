import { afterEach, describe, expect, test } from '@jest/globals';
import type { NodeAnswer, NodeClient } from '../lab/node-client.ts';
import type { Observation } from '../model/history.ts';
import { realClock } from './eyes-clock.ts';
import { openSwarmEyes } from './swarm-eyes.ts';
import type { SwarmEyes } from './swarm-eyes.ts';

/** A manager that answers lists from memory. */
class MadeManager {
  lists: Record<string, unknown[]> = { nodes: [], services: [], tasks: [] };
  refusal: NodeAnswer | undefined;
  calls = 0;
  readonly client: NodeClient;

  constructor() {
    this.client = {
      ...{ address: '', port: 0, follow: () => () => undefined, close: () => undefined },
      call: (_, path) => {
        this.calls += 1;
        const body = JSON.stringify(this.lists[path.slice(1)]);
        const answer: NodeAnswer = { kind: 'answer', status: 200, headers: {}, body, tookMs: 1 };
        return Promise.resolve(this.refusal ?? answer);
      },
    };
  }
}

const node = (name: string, state = 'ready'): unknown => ({
  ID: `id-${name}`,
  Spec: { Role: 'manager', Availability: 'active' },
  Description: { Hostname: name },
  Status: { State: state },
  ManagerStatus: { Reachability: 'reachable', Leader: name === 'n1' },
});
const task = (state: string, service = 'id-web'): unknown => ({
  ID: 'task-1',
  CreatedAt: '1970-01-01T00:00:02Z',
  ServiceID: service,
  Slot: 1,
  NodeID: 'id-n1',
  DesiredState: 'running',
  Spec: { ContainerSpec: { Image: 'v1' } },
  Status: { State: state, Timestamp: '1970-01-01T00:00:03.5Z', ContainerStatus: { ExitCode: 0 } },
});
const web = {
  ID: 'id-web',
  Version: { Index: 7 },
  Spec: { Name: 'web', Labels: {}, TaskTemplate: { ForceUpdate: 0 }, Mode: {} },
};

let eyes: SwarmEyes | undefined;
afterEach(() => eyes?.stop());

interface Opened {
  readonly managers: readonly [MadeManager, MadeManager];
  readonly seen: Observation[];
  readonly faulted: Set<string>;
  readonly eyes: SwarmEyes;
}

function open(): Opened {
  const managers = [new MadeManager(), new MadeManager()] as const;
  for (const manager of managers) manager.lists['nodes'] = [node('n1'), node('n2')];
  const seen: Observation[] = [];
  const faulted = new Set<string>();
  const opened = openSwarmEyes({
    clock: realClock,
    startedAt: 1000,
    managers: managers.map(({ client }, index) => ({ name: `n${index + 1}`, client })),
    faulted: (name) => faulted.has(name),
    seen: (observation) => seen.push(observation),
  });
  eyes = opened;
  return { managers, seen, faulted, eyes: opened };
}

const of = (seen: readonly Observation[], what: Observation['what'], by: string): Observation[] =>
  seen.filter((each) => each.what === what && 'by' in each && each.by === by);

describe('the eyes on the control plane', () => {
  test('hand on what changed, and nothing twice', async () => {
    const { managers, seen, eyes: opened } = open();
    await opened.look();
    await opened.look();
    expect(of(seen, 'node', 'n1')).toHaveLength(2);
    expect(of(seen, 'control', 'n1')).toEqual([
      { what: 'control', by: 'n1', answer: 'ok', status: 200, text: '' },
    ]);
    managers[0].lists['nodes'] = [node('n1'), node('n2', 'down')];
    await opened.look();
    expect(of(seen, 'node', 'n1')).toHaveLength(3);
    expect(of(seen, 'node', 'n1').at(-1)).toMatchObject({ name: 'n2', state: 'down' });
  });

  test('name services and nodes of a task, and put its times on the clock of the run', async () => {
    const { managers, seen, eyes: opened } = open();
    managers[0].lists['services'] = [web];
    managers[0].lists['tasks'] = [task('running')];
    await opened.look();
    await opened.look();
    expect(of(seen, 'task', 'n1')).toEqual([
      expect.objectContaining({
        ...{ service: 'web', node: 'n1', slot: 1, state: 'running', createdMs: 1000 },
        ...{ changedMs: 2500, exitCode: 0 },
      }),
    ]);
  });

  test('keep a task back until its service is known', async () => {
    const { managers, seen, eyes: opened } = open();
    managers[0].lists['tasks'] = [task('new')];
    await opened.look();
    await opened.look();
    expect(of(seen, 'task', 'n1')).toEqual([]);
    managers[0].lists['services'] = [web];
    await opened.look();
    expect(of(seen, 'task', 'n1')).toEqual([expect.objectContaining({ service: 'web' })]);
  });

  test('say what is gone', async () => {
    const { managers, seen, eyes: opened } = open();
    managers[0].lists['services'] = [web];
    await opened.look();
    await opened.look();
    managers[0].lists['services'] = [];
    await opened.look();
    expect(of(seen, 'gone', 'n1')).toEqual([
      { what: 'gone', by: 'n1', kind: 'service', id: 'id-web' },
    ]);
  });

  test('move to another manager when one is faulted or stops answering', async () => {
    const { managers, seen, faulted, eyes: opened } = open();
    await opened.look();
    faulted.add('n1');
    opened.refocus();
    expect(seen.at(-1)).toEqual({ what: 'eye', by: 'n2' });
    faulted.clear();
    managers[1].refusal = { kind: 'no-answer', code: 'DEADLINE', message: '', tookMs: 1500 };
    await opened.look();
    expect(of(seen, 'control', 'n2').at(-1)).toMatchObject({ answer: 'hangs' });
    expect(seen.at(-1)).toEqual({ what: 'eye', by: 'n1' });
  });

  test('keep the words of an error', async () => {
    const { managers, seen, eyes: opened } = open();
    const body = '{"message":"The swarm does not have a leader."}';
    managers[0].refusal = { kind: 'answer', status: 500, headers: {}, body, tookMs: 1 };
    await opened.look();
    expect(of(seen, 'control', 'n1').at(-1)).toMatchObject({
      ...{ answer: 'error', status: 500, text: 'The swarm does not have a leader.' },
    });
  });

  test('ask the eye more often than the others', async () => {
    const { managers } = open();
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(managers[0].calls).toBeGreaterThanOrEqual(6);
    expect(managers[1].calls).toBe(3);
  });
});
