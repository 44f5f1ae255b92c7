import { describe, expect, test } from '@jest/globals';
import type { LogMessage } from '../swarm/logs/log-api.ts';
import { logBytes, logFailure, type LogShape } from './log-lines.ts';

const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
const message = (stream: 'stdout' | 'stderr', line: string): LogMessage => ({
  context: { serviceId: 's', nodeId: 'n', taskId: 't' },
  time: { seconds: 1_800_000_000, nanoseconds: 50 },
  stream,
  data: Uint8Array.from(line, (letter) => letter.charCodeAt(0)),
  attributes: [
    ['a key', 'b&c'],
    ['com.docker.swarm.node.id', 'forged'],
  ],
});
const PLAIN: LogShape = {
  multiplexed: false,
  timestamps: false,
  details: false,
  streams: ['stdout', 'stderr'],
};

describe('lines as clients read them', () => {
  test('stand alone where the task has a terminal', () => {
    const bytes = logBytes([message('stdout', 'x\n'), message('stderr', 'y\n')], PLAIN);
    expect(text(bytes)).toBe('x\ny\n');
  });

  test('are framed with stream and length', () => {
    const shape = { ...PLAIN, multiplexed: true };
    const bytes = logBytes([message('stdout', 'x\n'), message('stderr', 'yy\n')], shape);
    expect(text(bytes)).toBe('\x01\0\0\0\0\0\0\x02x\n\x02\0\0\0\0\0\0\x03yy\n');
  });

  test('have time and details in front, the daemon having the last word on its own', () => {
    const shape = { ...PLAIN, timestamps: true, details: true };
    expect(text(logBytes([message('stdout', 'x\n')], shape))).toBe(
      '2027-01-15T08:00:00.000000050Z a+key=b%26c,com.docker.swarm.node.id=n,com.docker.swarm.service.id=s,com.docker.swarm.task.id=t x\n',
    );
  });

  test('of a stream that was not asked for are left out', () => {
    const shape: LogShape = { ...PLAIN, streams: ['stderr'] };
    expect(text(logBytes([message('stdout', 'x\n'), message('stderr', 'y\n')], shape))).toBe('y\n');
  });

  test('end in the words of the daemon where something went wrong', () => {
    expect(text(logFailure('rpc error', true))).toBe(
      '\x03\0\0\0\0\0\0\x1fError grabbing logs: rpc error\n',
    );
    expect(text(logFailure('rpc error', false))).toBe('Error grabbing logs: rpc error\n');
  });
});
