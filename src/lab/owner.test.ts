import { describe, expect, test } from '@jest/globals';
import { fateOf, startInStat, startOf, thisOwner } from './owner.ts';
import type { Owner } from './owner.ts';

const here: Owner = { pid: 1, started: '5', boot: 'b', machine: 'm', pidNamespace: 'p' };
const owner: Owner = { ...here, pid: 42, started: '7' };
const running = (started: string | undefined) => (): string | undefined => started;

describe('the owner of a lab', () => {
  test('this process is alive by its own labels', () => {
    expect(fateOf(thisOwner(), thisOwner(), startOf)).toBe('alive');
  });

  test('a process with the same pid that began at another time is somebody else', () => {
    expect(fateOf(owner, here, running('8'))).toBe('gone');
    expect(fateOf(owner, here, running('7'))).toBe('alive');
  });

  test('no process, or another boot of the machine, means gone', () => {
    expect(fateOf(owner, here, running(undefined))).toBe('gone');
    expect(fateOf({ ...owner, boot: 'earlier' }, here, running('7'))).toBe('gone');
  });

  test('what cannot be seen from here is not judged', () => {
    expect(fateOf({ ...owner, machine: 'x' }, here, running(undefined))).toBe('elsewhere');
    expect(fateOf({ ...owner, pidNamespace: 'x' }, here, running(undefined))).toBe('elsewhere');
  });

  test('the start is found behind a command name with brackets and blanks; a zombie has none', () => {
    const fields = Array.from({ length: 30 }, (_, index) => String(index + 4)).join(' ');
    expect(startInStat(`42 (a) b (c)) S ${fields}`)).toBe('22');
    expect(startInStat(`42 (node) Z ${fields}`)).toBeUndefined();
  });
});
