import { expect, test } from '@jest/globals';
import { SwarmError, type StatusCode } from '../../model/errors.ts';
import type { TaskState } from '../../model/task-state.ts';
import type { TaskStatus } from '../../model/objects.ts';
import { failed, ok, type Done } from '../../model/result.ts';
import type { TaskStatusUpdate } from '../session.ts';
import { StatusReporter, type ReportLine } from './status-reporter.ts';

/** A line whose messages the test answers. */
class HeldLine implements ReportLine {
  readonly sent: string[] = [];
  readonly answers: Done<null>[] = [];
  readonly errors: SwarmError[] = [];

  send(updates: readonly TaskStatusUpdate[], done: Done<null>): void {
    this.sent.push(updates.map(({ taskId, status }) => `${taskId} ${status.state}`).join(', '));
    this.answers.push(done);
  }

  broken(error: SwarmError): void {
    this.errors.push(error);
  }
}

const status = (state: TaskState): TaskStatus => ({ state, timestamp: 0, message: '', err: '' });

const refused = (code: StatusCode): ReturnType<typeof failed> =>
  failed(new SwarmError(code, 'refused'));

test('one message is under way at a time, and the next carries only the newest of each task', () => {
  const reporter = new StatusReporter();
  const line = new HeldLine();
  reporter.attach(line);
  reporter.report('a', status('accepted'));
  reporter.report('a', status('preparing'));
  reporter.report('a', status('running'));
  reporter.report('a', status('ready'));
  reporter.report('b', status('accepted'));
  expect(line.sent).toEqual(['a accepted']);
  line.answers[0]!(ok(null));
  expect(line.sent).toEqual(['a accepted', 'a running, b accepted']);
});

test('what was under way when the line broke goes over the next one, unless something newer waits', () => {
  const reporter = new StatusReporter();
  const [first, second] = [new HeldLine(), new HeldLine()];
  reporter.attach(first);
  reporter.report('a', status('starting'));
  first.answers[0]!(refused('Unavailable'));
  expect(first.errors).toHaveLength(1);
  reporter.report('a', status('running'));
  reporter.detach();
  reporter.attach(second);
  expect(second.sent).toEqual(['a running']);
  second.answers[0]!(refused('Unavailable'));
  reporter.detach();
  const third = new HeldLine();
  reporter.attach(third);
  expect(third.sent).toEqual(['a running']);
  second.answers[0]!(ok(null));
  expect(third.sent).toEqual(['a running']);
});

test('a task that the manager no longer knows is not reported again', () => {
  const reporter = new StatusReporter();
  const line = new HeldLine();
  reporter.attach(line);
  reporter.report('a', status('running'));
  reporter.report('b', status('running'));
  line.answers[0]!(refused('NotFound'));
  expect([line.sent, line.errors]).toEqual([['a running', 'b running'], []]);
});
