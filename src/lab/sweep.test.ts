import { describe, expect, test } from '@jest/globals';
import { pickLab } from './attach-lab.ts';
import { groupLabs } from './find-labs.ts';
import type { FoundLab } from './find-labs.ts';
import { labOf, labelsFor } from './labels.ts';
import type { LabIdentity } from './labels.ts';
import { whyRemove } from './sweep.ts';

const identity: LabIdentity = {
  id: 'a1',
  name: 'mine',
  subject: 'twin',
  engine: '26.1',
  prefix: '198.18.7',
  shape: { managers: 1, workers: 0, spares: 0 },
  diskBytes: 0,
  kept: false,
  owner: { pid: 42, started: '7', boot: 'b', machine: 'm', pidNamespace: 'p' },
};
const node = {
  name: 'n1',
  index: 1,
  role: 'manager',
  kind: 'twin',
  address: '198.18.7.11',
} as const;

const labWith = (change: Partial<LabIdentity>, isWhole = true): FoundLab => {
  const lab = { ...identity, ...change };
  const [found] = groupLabs([
    { labels: labelsFor(lab, 'network') },
    { labels: labelsFor(lab, 'node', node), containerId: 'c1' },
    ...(isWhole ? [{ labels: labelsFor(lab, 'proxy'), containerId: 'c2' }] : []),
    { labels: { 'org.example': 'somebody else' }, containerId: 'c3' },
  ]);
  return found!;
};

describe('labels', () => {
  test('tell everything about a lab that another process needs', () => {
    expect(labOf(labelsFor(identity, 'network'))).toEqual(identity);
  });

  test('of others are no lab', () => {
    expect(labOf({ 'com.docker.compose.project': 'x' })).toBeUndefined();
  });

  test('group what belongs together, with the containers of nodes by name', () => {
    const found = labWith({});
    expect([...found.nodes]).toEqual([['n1', 'c1']]);
    expect(found.hasProxy).toBe(true);
  });
});

describe('the sweep', () => {
  test('leaves a lab whose process lives, even when all are to go', () => {
    expect(whyRemove(labWith({}), 'alive', false)).toBeUndefined();
    expect(whyRemove(labWith({}), 'alive', true)).toBeUndefined();
  });

  test('removes a lab whose process is gone', () => {
    expect(whyRemove(labWith({}), 'gone', false)).toContain('42 is gone');
  });

  test('leaves a kept lab until all are to go, unless it never was whole', () => {
    expect(whyRemove(labWith({ kept: true }), 'gone', false)).toBeUndefined();
    expect(whyRemove(labWith({ kept: true }), 'gone', true)).toBeDefined();
    expect(whyRemove(labWith({ kept: true }, false), 'gone', false)).toContain('whole');
  });

  test('leaves what it cannot see the owner of, until all are to go', () => {
    expect(whyRemove(labWith({}), 'elsewhere', false)).toBeUndefined();
    expect(whyRemove(labWith({}), 'elsewhere', true)).toBeDefined();
  });
});

describe('picking a lab', () => {
  const other = labWith({ id: 'b2', name: 'other' });

  test('goes by id or name, or takes the only one', () => {
    expect(pickLab([labWith({}), other], 'b2')).toBe(other);
    expect(pickLab([labWith({}), other], 'other')).toBe(other);
    expect(pickLab([other])).toBe(other);
  });

  test.each([[[]], [[labWith({}), other]]])('refuses when none or several fit', (labs) => {
    expect(() => pickLab(labs)).toThrow(expect.objectContaining({ code: 'bad-usage' }));
  });
});
