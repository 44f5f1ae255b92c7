import { describe, expect, test } from '@jest/globals';
import { parseOsRelease, planSetUp } from './set-up-plan.ts';
import type { Machine } from './set-up-plan.ts';

const BOOKWORM = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION_CODENAME=bookworm
ID=debian
`;

const machine = (change: Partial<Machine>): Machine => ({
  os: parseOsRelease(BOOKWORM),
  platform: 'linux',
  isRoot: true,
  hasDockerd: false,
  hasSystemd: false,
  ...change,
});

describe('os-release', () => {
  test('is read with and without quotes', () => {
    expect(parseOsRelease(BOOKWORM)).toEqual({
      id: 'debian',
      codename: 'bookworm',
      prettyName: 'Debian GNU/Linux 12 (bookworm)',
    });
  });

  test('may say next to nothing', () => {
    expect(parseOsRelease('')).toEqual({
      id: 'linux',
      codename: '',
      prettyName: 'an unknown system',
    });
  });

  test('does not take VERSION_ID for ID', () => {
    expect(parseOsRelease('VERSION_ID=12\n').id).toBe('linux');
  });
});

describe('without an answering engine', () => {
  test('root on Debian or Ubuntu gets one installed', () => {
    expect(planSetUp(machine({}))).toEqual({ kind: 'install' });
    const ubuntu = parseOsRelease('ID=ubuntu\nVERSION_CODENAME=noble\n');
    expect(planSetUp(machine({ os: ubuntu }))).toEqual({ kind: 'install' });
  });

  test('root gets an installed one started, on any distribution', () => {
    const os = parseOsRelease('ID=fedora\n');
    expect(planSetUp(machine({ hasDockerd: true, os }))).toEqual({ kind: 'start' });
  });

  test('nobody else has anything installed or started behind their back, but reads what to type', () => {
    expect(planSetUp(machine({ isRoot: false }))).toMatchObject({
      kind: 'refuse',
      next: expect.stringContaining('apt-get install -y docker.io') as unknown,
    });
    expect(planSetUp(machine({ isRoot: false, hasDockerd: true, hasSystemd: true }))).toMatchObject(
      {
        kind: 'refuse',
        next: expect.stringContaining('systemctl start docker') as unknown,
      },
    );
  });

  test('another distribution and another system are named in the refusal', () => {
    const os = parseOsRelease('ID=fedora\nPRETTY_NAME="Fedora Linux 44"\n');
    expect(planSetUp(machine({ os }))).toMatchObject({
      kind: 'refuse',
      why: expect.stringContaining('Fedora Linux 44') as unknown,
    });
    expect(planSetUp(machine({ platform: 'darwin' }))).toMatchObject({
      kind: 'refuse',
      why: expect.stringContaining('darwin') as unknown,
    });
  });
});
