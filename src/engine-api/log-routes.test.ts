import { describe, expect, test } from '@jest/globals';
import { nodeId } from '../model/ids.ts';
import type { LogMessage, LogSubscription } from '../swarm/logs/log-api.ts';
import { DEFAULT_OPTIONS, type ApiResponse, type BodySink } from './api-message.ts';
import { handle } from './handler.ts';
import { LeaderNode } from './leader-node.ts';
import { requestOf } from './recording.ts';

function ask(node: LeaderNode, request: Parameters<typeof requestOf>[0]): ApiResponse {
  const answers: ApiResponse[] = [];
  handle(node, requestOf(request), (answer) => answers.push(answer), DEFAULT_OPTIONS['26.1']);
  const [answer] = answers;
  if (answer === undefined) throw new Error('not answered');
  return answer;
}

function withService(container: Readonly<Record<string, unknown>> = {}): LeaderNode {
  const node = new LeaderNode();
  const TaskTemplate = { ContainerSpec: { Image: 'x', ...container } };
  ask(node, { method: 'POST', path: '/services/create', body: { Name: 'web', TaskTemplate } });
  return node;
}

const refusal = (node: LeaderNode, path: string): [number, string] => {
  const { status, body } = ask(node, { path });
  return [status, body === '' ? '' : (JSON.parse(body) as { message: string }).message];
};

/** What the route writes. */
class Client implements BodySink {
  text = '';
  ended = false;
  readonly #gone: (() => void)[] = [];
  write(bytes: Uint8Array): void {
    this.text += String.fromCharCode(...bytes);
  }
  end(): void {
    this.ended = true;
  }
  whenReady(callback: () => void): void {
    callback();
  }
  onClose(callback: () => void): void {
    this.#gone.push(callback);
  }
  leave(): void {
    for (const callback of this.#gone.splice(0)) callback();
  }
}

describe('what is asked wrongly is said before the logs begin', () => {
  test.each([
    ['/services/web/logs', 500, 'Bad parameters: you must choose at least one stream'],
    [
      '/services/web/logs?stdout=0&stderr=no',
      500,
      'Bad parameters: you must choose at least one stream',
    ],
    ['/services/nope/logs?stdout=1', 404, 'service nope not found'],
    ['/tasks/nope/logs?stderr=1', 404, 'task nope not found'],
    ['/services/web/logs?stdout=1&tail=x', 500, 'tail value must be a positive integer or "all"'],
    ['/services/web/logs?stdout=1&tail=-1', 500, 'negative tail values not supported'],
    [
      '/services/web/logs?stdout=1&since=10m',
      500,
      'could not parse since timestamp: strconv.ParseInt: parsing "10m": invalid syntax',
    ],
  ])('%s', (path, status, message) => {
    expect(refusal(withService(), path)).toEqual([status, message]);
  });

  test('and so is that this is no manager', () => {
    const node = withService();
    node.isReady = false;
    node.ownRole = 'worker';
    expect(refusal(node, '/services/web/logs?stdout=1')[0]).toBe(503);
  });
});

describe('logs', () => {
  test.each([
    ['/v1.45', {}, 'application/vnd.docker.multiplexed-stream'],
    ['/v1.41', {}, 'application/vnd.docker.raw-stream'],
    ['/v1.45', { TTY: true }, 'application/vnd.docker.raw-stream'],
  ])('%s %j are %s', (version, container, type) => {
    const answer = ask(withService(container), {
      path: `${version}/services/web/logs?stdout=1`,
    });
    expect([answer.status, answer.headers['Content-Type']]).toEqual([200, type]);
  });

  test('become a subscription with what was asked for', () => {
    const node = withService();
    const [service] = node.store.read.all('service');
    const heard: LogSubscription[] = [];
    node.broker.listen(nodeId('n1'), {
      send: (subscription) => heard.push(subscription),
      end: () => undefined,
      onClose: () => undefined,
    });
    node.put('task', {
      id: 't' as never,
      meta: { version: 1, createdAt: 0, updatedAt: 0 },
      serviceId: service!.id,
      slot: 1,
      nodeId: nodeId('n1'),
      serviceName: 'web',
      serviceLabels: {},
      spec: { ForceUpdate: 0 },
      specVersion: 0,
      desiredState: 'running',
      status: { state: 'running', timestamp: 0, message: '', err: '' },
    });
    const client = new Client();
    const path =
      '/services/web/logs?stdout=1&follow=1&tail=10&since=1700000000.5&details=1&timestamps=1';
    ask(node, { path }).stream?.(client);
    expect(heard[0]).toMatchObject({
      selector: { serviceIds: [service!.id], taskIds: [], nodeIds: [] },
      options: {
        streams: ['stdout'],
        follow: true,
        tail: -11,
        since: { seconds: 1_700_000_000, nanoseconds: 500_000_000 },
      },
    });
    const message: LogMessage = {
      context: { serviceId: service!.id, nodeId: 'n1', taskId: 't' },
      time: { seconds: 1_700_000_001, nanoseconds: 0 },
      stream: 'stdout',
      data: Uint8Array.from([0x68, 0x69, 0x0a]),
      attributes: [],
    };
    const publisher = node.broker.publish(nodeId('n1'), heard[0]!.id, () => undefined);
    publisher.publish([message], () => undefined);
    expect(client.text.slice(8)).toBe(
      `2023-11-14T22:13:21.000000000Z com.docker.swarm.node.id=n1,com.docker.swarm.service.id=${service!.id},com.docker.swarm.task.id=t hi\n`,
    );
    expect(client.ended).toBe(false);
    client.leave();
    expect(heard.at(-1)?.close).toBe(true);
  });

  test('say in the stream what could not be had', () => {
    const node = withService();
    const client = new Client();
    ask(node, { path: '/services/web/logs?stdout=1' }).stream?.(client);
    expect([client.text, client.ended]).toEqual(['', true]);
    node.broker.stop();
    const late = new Client();
    ask(node, { path: '/services/web/logs?stdout=1' }).stream?.(late);
    expect(late.text.slice(8)).toBe(
      'Error grabbing logs: rpc error: code = Unknown desc = broker is not running\n',
    );
    expect(late.text.charCodeAt(0)).toBe(3);
  });
});
