import { describe, expect, test } from '@jest/globals';
import { decodeUtf8 } from '../model/utf8.ts';
import type { SwarmError } from '../model/errors.ts';
import type { LogMessage } from '../swarm/logs/log-api.ts';
import { World } from './world.ts';

interface Read {
  readonly lines: string[];
  readonly nodes: Set<string>;
  error: SwarmError | null | undefined;
}

/** What a manager tells of a service's output, to its end. */
function read(world: World, through: string, service: string): Read {
  const answer: Read = { lines: [], nodes: new Set(), error: undefined };
  const selector = { serviceIds: [service], nodeIds: [], taskIds: [] };
  world.machine(through).node.logs(
    { selector, options: { streams: [], follow: false, tail: 0 } },
    {
      send: (messages: readonly LogMessage[]) => {
        for (const { data, context } of messages) {
          answer.lines.push(decodeUtf8(data));
          answer.nodes.add(context.nodeId);
        }
      },
      end: (error) => {
        answer.error = error;
      },
      onClose: () => undefined,
      whenReady: (callback) => {
        callback();
      },
    },
  );
  world.until('the logs end', () => answer.error !== undefined);
  return answer;
}

/** Three nodes, two of them managers, and a task that greets on each. */
function greeting(carriesLogs: boolean): { readonly world: World; readonly service: string } {
  const world = World.of(2, 1, { carriesLogs });
  const ContainerSpec = {
    Image: 'swarmtwin/workload:v1',
    Env: ['TASK_NAME={{.Task.Name}}'],
  };
  const service = world.createService('web', 3, {
    TaskTemplate: { ContainerSpec, ForceUpdate: 0 },
  });
  world.until('three run', () => world.running('web').length === 3);
  return { world, service };
}

/** Without the container's host name and the task's id. */
const withoutIds = (line: string): string =>
  line.replace(/^(\w+) [0-9a-f]{12} (\S+)\.[0-9a-z]{25}\n$/, '$1 $2');

describe('what containers write', () => {
  test.each(['m1', 'm2'])('is told by %s, from every node', (through) => {
    const { world, service } = greeting(true);
    const { lines, nodes, error } = read(world, through, service);
    expect(error).toBeNull();
    expect(nodes.size).toBe(3);
    expect(lines.map(withoutIds).sort()).toEqual(['v1 web.1', 'v1 web.2', 'v1 web.3']);
  });

  test('is missed, and said to be, where agents tell nobody', () => {
    const { world, service } = greeting(false);
    const { lines, error } = read(world, 'm1', service);
    expect(lines).toHaveLength(1);
    expect(error?.text).toContain('is not available');
  });
});
