import { describe, expect, test } from '@jest/globals';
import { SwarmError } from '../../model/errors.ts';
import { nodeId, serviceId, taskId } from '../../model/ids.ts';
import type { Task } from '../../model/objects.ts';
import { createRandom } from '../../model/random.ts';
import type {
  LogBrokerClient,
  LogEntry,
  LogEvents,
  LogMessage,
  LogSubscription,
} from '../logs/log-api.ts';
import type { LogLine } from '../ports.ts';
import { VirtualTime } from '../virtual-time.ts';
import { AgentLogs } from './agent-logs.ts';

const MIB = 1024 * 1024;

const task = (id: string, service = 'web'): Task => ({
  id: taskId(id),
  meta: { version: 1, createdAt: 0, updatedAt: 0 },
  serviceId: serviceId(service),
  slot: 1,
  nodeId: nodeId('n1'),
  serviceName: service,
  serviceLabels: {},
  spec: { ForceUpdate: 0 },
  specVersion: 0,
  desiredState: 'running',
  status: { state: 'running', timestamp: 0, message: '', err: '' },
});

const entry = (text: string | number): LogEntry => ({
  time: { seconds: 1, nanoseconds: 0 },
  stream: 'stderr',
  data:
    typeof text === 'number'
      ? new Uint8Array(text)
      : Uint8Array.from(text, (letter) => letter.charCodeAt(0)),
  attributes: [['a', 'b']],
});

const subscription = (id: string, follow = false, close = false): LogSubscription => ({
  id,
  close,
  selector: { serviceIds: ['web'], nodeIds: [], taskIds: [] },
  options: { streams: [], follow, tail: 0 },
});

class Bench implements LogBrokerClient {
  readonly time = new VirtualTime();
  readonly tasks: Task[] = [];
  readonly readings = new Map<string, LogEvents>();
  readonly closed: string[] = [];
  readonly published: LogMessage[] = [];
  readonly closings: string[] = [];
  readonly warned: LogLine[] = [];
  readonly ended: ((error: SwarmError | null) => void)[] = [];
  readonly logs = new AgentLogs(
    {
      clock: { now: () => this.time.now },
      timers: this.time,
      random: createRandom('agent'),
      log: (line) => this.warned.push(line),
    },
    {
      tasks: () => this.tasks,
      readLogs: (id, _options, events) => {
        this.readings.set(id, events);
        return { close: () => this.closed.push(id) };
      },
    },
  );

  listen(): { close(): void } {
    return { close: () => undefined };
  }

  publish(
    id: string,
    ended: (error: SwarmError | null) => void,
  ): ReturnType<LogBrokerClient['publish']> {
    this.ended.push(ended);
    return {
      publish: (messages, ready) => {
        this.published.push(...messages);
        ready();
      },
      close: () => this.closings.push(id),
      fail: () => undefined,
    };
  }
}

describe('an agent', () => {
  test('sends what its matching tasks wrote, in their name, and closes when all have said theirs', () => {
    const bench = new Bench();
    bench.tasks.push(task('a'), task('b'), task('c', 'other'));
    bench.logs.take(subscription('s'), bench);
    expect([...bench.readings.keys()]).toEqual(['a', 'b']);
    bench.readings.get('a')!.entries([entry('x')], () => undefined);
    bench.readings.get('a')!.end(null);
    expect(bench.closings).toEqual([]);
    bench.readings.get('b')!.end(null);
    expect(bench.closings).toEqual(['s']);
    expect(bench.published).toEqual([
      { ...entry('x'), context: { serviceId: 'web', nodeId: 'n1', taskId: 'a' } },
    ]);
  });

  test('without a matching task closes at once', () => {
    const bench = new Bench();
    bench.logs.take(subscription('s'), bench);
    expect(bench.closings).toEqual(['s']);
  });

  test('logs for itself why a container cannot be read, and tells nobody', () => {
    const bench = new Bench();
    bench.tasks.push(task('a'));
    bench.logs.take(subscription('s'), bench);
    bench.readings
      .get('a')!
      .end(new SwarmError('Unknown', 'configured logging driver does not support reading'));
    expect(bench.closings).toEqual(['s']);
    expect(bench.warned[0]?.message).toContain('does not support reading');
  });

  test('that follows goes on with tasks that come later, each once, until it is told to stop', () => {
    const bench = new Bench();
    bench.tasks.push(task('a'));
    bench.logs.take(subscription('s', true), bench);
    bench.logs.take(subscription('s', true), bench);
    bench.readings.get('a')!.end(null);
    bench.logs.begun(task('b'));
    bench.logs.begun(task('c', 'other'));
    expect([...bench.readings.keys()]).toEqual(['a', 'b']);
    expect(bench.closings).toEqual([]);
    bench.logs.take(subscription('s', true, true), bench);
    expect([bench.closed, bench.closings]).toEqual([['b'], ['s']]);
  });

  test('stops reading when nobody listens any more', () => {
    const bench = new Bench();
    bench.tasks.push(task('a'));
    bench.logs.take(subscription('s'), bench);
    bench.ended[0]!(null);
    expect(bench.closed).toEqual(['a']);
    bench.logs.take(subscription('t', true), bench);
    bench.logs.stop();
    expect(bench.closed).toEqual(['a', 'a']);
  });

  test('sends ten MiB a second of each task, after a first burst', () => {
    const bench = new Bench();
    bench.tasks.push(task('a'));
    bench.logs.take(subscription('s'), bench);
    const waits: number[] = [];
    const begin = bench.time.now;
    const send = (count: number): void => {
      if (count > 0)
        bench.readings.get('a')!.entries([entry(5 * MIB)], () => {
          waits.push(bench.time.now - begin);
          send(count - 1);
        });
    };
    send(4);
    bench.time.advance(3000);
    expect(waits).toEqual([0, 0, 500, 1000]);
  });
});
