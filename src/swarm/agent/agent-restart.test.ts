import { describe, expect, test } from '@jest/globals';
import { SwarmError } from '../../model/errors.ts';
import { Bench } from './agent-rehearsal.ts';

describe('a daemon that was killed', () => {
  test('R3: finds a container that ended meanwhile and reports it failed with exit 255', () => {
    const bench = new Bench().join();
    bench.assign('gone', 'stays');
    bench.kill();
    bench.engine.running.delete('gone');
    bench.start();
    expect(bench.task('gone').status).toMatchObject({
      state: 'failed',
      message: 'started',
      err: 'task: non-zero exit (255)',
      container: { exitCode: 255 },
    });
    expect(bench.task('stays').status.state).toBe('running');
    expect(bench.engine.of('stays').calls).toEqual(['wait']);
  });

  test('resumes without a manager, and does not start anew what runs', () => {
    const bench = new Bench().join();
    bench.assign('t');
    bench.dialer.cutOff('m1');
    bench.kill();
    bench.start();
    expect(bench.engine.of('t').calls).toEqual(['wait']);
  });

  test('goes on with the removal of a withdrawn task', () => {
    const bench = new Bench().join();
    bench.assign('t');
    bench.engine.removeErrors.push(new SwarmError('Unavailable', 'busy'));
    bench.remove('task', 't');
    bench.time.advance(150);
    expect(bench.storage.load().tasks).toMatchObject([{ assigned: false }]);
    bench.kill();
    bench.start();
    expect(bench.engine.of('t').calls).toEqual(['shutdown', 'remove', 'close']);
    expect(bench.storage.load().tasks).toEqual([]);
  });
});

describe('a daemon that is stopped', () => {
  const ended = (bench: Bench): boolean[] => {
    const calls: boolean[] = [];
    bench.agent.stop(() => calls.push(true));
    return calls;
  };

  test('leaves no container, no record of a task, no session and no timer, and reports nothing', () => {
    const bench = new Bench().join();
    bench.assign('a', 'b');
    bench.dispatcher.stop();
    const done = ended(bench);
    expect(done).toEqual([true]);
    expect([...bench.engine.removed]).toEqual(['a', 'b']);
    expect(bench.engine.of('a').calls.slice(-3)).toEqual(['shutdown', 'remove', 'close']);
    expect(bench.storage.load().tasks).toEqual([]);
    expect(bench.time.pending).toBe(0);
    expect(bench.task('a').status.state).toBe('running');
  });

  test('finds nothing of a task that shall still run, and fails it in the words of the engine', () => {
    const bench = new Bench().join();
    bench.assign('t');
    bench.stop();
    bench.start();
    const { status } = bench.task('t');
    expect(status).toMatchObject({
      state: 'failed',
      message: 'started',
      container: { containerId: 'c-t', exitCode: 0 },
    });
    expect(status.err).toMatch(/^No such container: .*\bt$/);
  });

  test('shuts down a task that shall run no more, as if its container were there', () => {
    const bench = new Bench().join();
    bench.assign('t');
    bench.stop();
    bench.desire('t', 'shutdown');
    bench.start();
    expect(bench.task('t').status).toMatchObject({
      state: 'shutdown',
      message: 'shutdown',
      err: '',
      container: { containerId: 'c-t', exitCode: 0 },
    });
  });

  test('asks its engine once, and waits 15 s for a container that does not end', () => {
    const bench = new Bench().join();
    bench.assign('t');
    bench.engine.removeErrors.push(new SwarmError('Unavailable', 'the engine is gone'));
    expect(ended(bench)).toEqual([true]);
    expect(bench.storage.load().tasks).toEqual([]);

    const slow = new Bench().join();
    slow.engine.hold.add('prepare');
    slow.assign('t');
    const done = ended(slow);
    slow.time.advance(14_999);
    expect(done).toEqual([]);
    slow.time.advance(1);
    expect(done).toEqual([true]);
  });
});
