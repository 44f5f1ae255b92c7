import { describe, expect, test } from '@jest/globals';
import { MadeHistory } from './made-history.ts';

const REFUSED =
  'manager stopped: can\'t initialize raft node: rpc error: code = Unavailable desc = could not connect to prospective new cluster member using its advertised address: rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial tcp 127.0.0.1:2399: connect: connection refused"';

/** One manager with a service, and a spare that asks to join. */
const joining = (
  text = REFUSED,
  outcome: 'ok' | 'fail' = 'fail',
  address = '127.0.0.1:2399',
): MadeHistory =>
  new MadeHistory({ managers: 1, workers: 0, spares: 1 }, ['Q10'])
    .at(1)
    .create('n1', 'web')
    .service('web', {})
    .task('web.1.a')
    .at(5)
    .call(
      'n2',
      'POST',
      '/swarm/join',
      { outcome, status: outcome === 'ok' ? 200 : 503, text },
      {
        AdvertiseAddr: address,
      },
    )
    .at(8);
const after = (history: MadeHistory): MadeHistory =>
  history.create('n1', 'after').later().service('after', {}).task('after.1.a');
const verdictOf = (history: MadeHistory): string => history.at(30).verdict().verdict;

describe('Q10 a manager that cannot be reached', () => {
  test('holds when it is refused and the swarm goes on', () => {
    expect(verdictOf(after(joining()))).toBe('holds');
  });
  test('fails when it is taken in, or refused in other words', () => {
    expect(verdictOf(after(joining('', 'ok')))).toBe('fails');
    expect(verdictOf(after(joining('context deadline exceeded')))).toBe('fails');
  });
  test('fails when the manager answers otherwise afterwards', () => {
    expect(verdictOf(after(joining().control('n1', 'no-leader')))).toBe('fails');
  });
  test('fails when the joiner is listed as a reachable manager', () => {
    const history = joining().node('n2', { role: 'manager', reachability: 'reachable' });
    expect(verdictOf(after(history))).toBe('fails');
  });
  test('fails when nothing can be made any more', () => {
    const ending = { outcome: 'unknown', status: 500, text: 'context deadline exceeded' } as const;
    expect(verdictOf(joining().create('n1', 'after', {}, ending))).toBe('fails');
    expect(verdictOf(joining().create('n1', 'after').later().service('after', {}))).toBe('fails');
  });
  test('fails when a task is lost', () => {
    expect(verdictOf(after(joining().task('web.1.a', { desired: 'shutdown' })))).toBe('fails');
  });
  test('is open when nobody gave a wrong address, or nothing was asked for afterwards', () => {
    expect(verdictOf(after(joining(REFUSED, 'fail', '10.0.0.2:2377')))).toBe('inconclusive');
    expect(verdictOf(joining())).toBe('inconclusive');
  });
});
