import { describe, expect, test } from '@jest/globals';
import { madeWithWeb, type MadeHistory, madeId } from './made-history.ts';

const verdictOf = (history: MadeHistory): string => history.at(60).verdict().verdict;

describe('S3 counts while a service converges', () => {
  const list = (history: MadeHistory, running: number, desired = 2): MadeHistory => {
    const value = [{ name: 'web', running, desired }];
    return history.call('n1', 'GET', '/services?status=true', { value });
  };
  /** The first task runs at 3 s, the second at 5 s; lists at 4 and 6 s. */
  const listed = (first: number, second: number, desired = 2): MadeHistory => {
    const history = madeWithWeb('S3').at(3).task('web.1.a').at(4);
    list(history, first, desired).at(5).task('web.2.a').at(6);
    return list(history, second, desired);
  };
  test('holds when lists show what runs of what is declared', () => {
    expect(verdictOf(listed(1, 2))).toBe('holds');
  });
  test('fails when a list shows more than run', () => {
    expect(verdictOf(listed(2, 2))).toBe('fails');
  });
  test('fails when a list shows fewer than run', () => {
    expect(verdictOf(listed(1, 1))).toBe('fails');
  });
  test('fails when a list shows another number as declared', () => {
    expect(verdictOf(listed(1, 2, 3))).toBe('fails');
  });
  test('fails when it never converges', () => {
    expect(verdictOf(list(madeWithWeb('S3').at(3).task('web.1.a').at(4), 1))).toBe('fails');
  });
  test('is open when no list fell into the time in between', () => {
    const history = madeWithWeb('S3').at(3).task('web.1.a').task('web.2.a').at(4);
    expect(verdictOf(list(history, 2))).toBe('inconclusive');
  });
});

describe('S7 names', () => {
  const TAKEN =
    'rpc error: code = AlreadyExists desc = name conflicts with an existing object: service web already exists';
  const named = (name: string, text = TAKEN, status = 409): MadeHistory =>
    madeWithWeb('S7')
      .task('web.1.a')
      .at(5)
      .create('n1', '', {}, { status: 201, value: { ID: madeId('drawn') } })
      .service(name, {}, { id: madeId('drawn') })
      .create('n1', 'web', {}, { outcome: 'unknown', status, text });
  test('holds with a two-word name and the refusal of a taken one', () => {
    expect(verdictOf(named('brave_hopper'))).toBe('holds');
  });
  test('fails when the name is none of two words', () => {
    expect(verdictOf(named('service1'))).toBe('fails');
  });
  test('fails when the taken name is accepted, or refused in other words', () => {
    expect(verdictOf(named('brave_hopper', '', 201))).toBe('fails');
    expect(verdictOf(named('brave_hopper', 'name in use'))).toBe('fails');
  });
  test('is open when only one of the two was tried', () => {
    expect(verdictOf(madeWithWeb('S7'))).toBe('inconclusive');
  });
});
