import { describe, expect, test } from '@jest/globals';
import { nextStanding, type Standing, type StandingEvent } from './standing.ts';

const ENTERING: Standing = { kind: 'entering', done: () => undefined };
const UNDOING: Standing = { kind: 'undoing' };
const RETURNING: Standing = { kind: 'returning', error: 'slow' };
const INSIDE: Standing = { kind: 'inside', error: '' };
const FAILED: Standing = { kind: 'failed', error: 'disk', isFinal: true };
const MENDABLE: Standing = { kind: 'failed', error: 'disk', isFinal: false };
const BROKEN: StandingEvent = { kind: 'broken', error: 'no', isFinal: true };
const OVER: Standing = { kind: 'over' };

const after = (standing: Standing, event: StandingEvent): string => {
  const next = nextStanding(standing, event);
  return 'error' in next && next.error !== '' ? `${next.kind}: ${next.error}` : next.kind;
};

describe('the standing of a node', () => {
  test.each<readonly [string, Standing, StandingEvent, string]>([
    ['a first session lets it in', ENTERING, { kind: 'in-session' }, 'inside'],
    ['a session lets it in again', RETURNING, { kind: 'in-session' }, 'inside'],
    ['a session mends what failed on a worker', MENDABLE, { kind: 'in-session' }, 'inside'],
    ['a session mends no manager', FAILED, { kind: 'in-session' }, 'failed: disk'],
    ['a founder is not in by its manager alone', ENTERING, { kind: 'manager-open' }, 'entering'],
    ['a returning manager is in without a leader', RETURNING, { kind: 'manager-open' }, 'inside'],
    ['an open manager mends no disk', FAILED, { kind: 'manager-open' }, 'failed: disk'],
    ['trouble is told', INSIDE, { kind: 'trouble', error: 'no' }, 'inside: no'],
    ['trouble of an entry is not', ENTERING, { kind: 'trouble', error: 'no' }, 'entering'],
    ['what breaks undoes an entry', ENTERING, BROKEN, 'undoing'],
    ['what breaks later is a failure', INSIDE, BROKEN, 'failed: no'],
    ['an entry that is undone takes no session', UNDOING, { kind: 'in-session' }, 'undoing'],
    ['it ends', INSIDE, { kind: 'ended' }, 'over'],
    ['an entry that is undone ends', UNDOING, { kind: 'ended' }, 'over'],
    ['what is over stays over', OVER, { kind: 'in-session' }, 'over'],
  ])('%s', (_claim, standing, event, result) => {
    expect(after(standing, event)).toBe(result);
  });
});
