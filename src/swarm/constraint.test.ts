import { describe, expect, test } from '@jest/globals';
import { nodeId } from '../model/ids.ts';
import type { Node } from '../model/objects.ts';
import { matchesConstraints, parseConstraints } from './constraint.ts';

const node: Node = {
  id: nodeId('2ivku8v2gvtg4'),
  meta: { version: 1, createdAt: 0, updatedAt: 0 },
  spec: { Labels: { Zone: 'East' }, Role: 'worker', Availability: 'active' },
  role: 'manager',
  description: {
    hostname: 'Node-1',
    platform: { OS: 'linux', Architecture: 'x86_64' },
    resources: { nanoCpus: 1e9, memoryBytes: 1e9, generic: [] },
    engine: { version: '28.5.2', labels: { disk: 'ssd' }, plugins: [] },
  },
  status: { state: 'ready', message: '', addr: '10.8.4.5' },
  certificate: { role: 'worker', state: 'issued', csr: '', certificate: '', cn: '' },
};
const bare: Node = {
  id: node.id,
  meta: node.meta,
  spec: node.spec,
  role: node.role,
  status: node.status,
  certificate: node.certificate,
};

function matches(text: string, on: Node = node): boolean {
  const parsed = parseConstraints([text]);
  if (!parsed.ok) throw new Error(parsed.error);
  return matchesConstraints(parsed.constraints, on);
}

describe('grammar (behaviour 7.2)', () => {
  test.each([
    ['node.role', 'constraint expected one operator from ==, !='],
    ['node.role=manager', 'constraint expected one operator from ==, !='],
    ['n==x', "key 'n' is invalid"],
    ['1node==x', "key '1node' is invalid"],
    ['node role==x', "key 'node role' is invalid"],
    ['node.role==', "value '' is invalid"],
    ['node.role== a,b ', "value 'a,b' is invalid"],
    ['node.role==a@b', "value 'a@b' is invalid"],
    ['node.role===x', "value '=x' is invalid"],
    ['node.id!=x==y', "key 'node.id!=x' is invalid"],
  ])('%s is refused with "%s"', (text, error) => {
    expect(parseConstraints([text])).toEqual({ ok: false, error });
  });

  test('spaces around key and value are cut off', () => {
    expect(parseConstraints([' node.id  !=  a b '])).toEqual({
      ok: true,
      constraints: [{ key: 'node.id', operator: '!=', value: 'a b' }],
    });
  });

  test('the first wrong constraint decides the error, and no constraint is fine', () => {
    expect(parseConstraints(['node.id==a', 'x', 'y==z'])).toMatchObject({ ok: false });
    expect(parseConstraints([])).toEqual({ ok: true, constraints: [] });
  });
});

describe('S6 matching (behaviour 7.2)', () => {
  test.each([
    ['node.id==2IVKU8V2GVTG4', true],
    ['NODE.Hostname==node-1', true],
    ['node.hostname!=node-1', false],
    ['node.role==manager', true],
    ['node.role==worker', false],
    ['node.platform.os==Linux', true],
    ['node.platform.arch!=x86_64', false],
    ['node.labels.Zone==east', true],
    ['node.labels.zone==east', false],
    ['node.labels.zone!=east', true],
    ['engine.labels.disk==ssd', true],
    ['engine.labels.rack!=1', true],
    ['node.labels.constructor!=x', true],
    ['node.hostname==Node-*', false],
    ['node.labels.!=x', false],
    ['node.colour!=red', false],
    ['node.ip==10.8.4.5', true],
    ['node.ip==::ffff:10.8.4.5', true],
    ['node.ip!=10.8.4.6', true],
    ['node.ip==10.8.0.0/16', true],
    ['node.ip!=10.8.4.0/30', true],
    ['node.ip==2001:db8::/32', false],
    ['node.ip!=10.8.4', false],
    ['node.ip==10.8.4.0/40', false],
  ])('%s is %s', (text, expected) => {
    expect(matches(text)).toBe(expected);
  });

  test('a node without a description has an empty hostname, platform and engine labels', () => {
    expect(matches('node.hostname!=a', bare)).toBe(true);
    expect(matches('node.platform.os==linux', bare)).toBe(false);
    expect(matches('engine.labels.disk!=ssd', bare)).toBe(true);
  });

  test('an unknown address equals nothing', () => {
    const lost = { ...node, status: { ...node.status, addr: '' } };
    expect(matches('node.ip==10.8.4.5', lost)).toBe(false);
    expect(matches('node.ip!=10.0.0.0/8', lost)).toBe(true);
  });

  test('every constraint must hold', () => {
    const parsed = parseConstraints(['node.role==manager', 'node.labels.Zone!=east']);
    expect(parsed.ok && matchesConstraints(parsed.constraints, node)).toBe(false);
  });

  test('IPv6 addresses and networks are compared by value', () => {
    const six = { ...node, status: { ...node.status, addr: '2001:db8::1' } };
    expect(matches('node.ip==2001:0db8:0:0:0:0:0:1', six)).toBe(true);
    expect(matches('node.ip==2001:db8::/32', six)).toBe(true);
    expect(matches('node.ip==0.0.0.0/0', six)).toBe(false);
    expect(matches('node.ip!=2001:db8:::1', six)).toBe(false);
  });
});
