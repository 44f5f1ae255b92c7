import { describe, expect, test } from '@jest/globals';
import { madeWithWeb, type MadeHistory, madeId, madeSpec } from './made-history.ts';

const verdictOf = (history: MadeHistory): string => history.at(60).verdict().verdict;

describe('S8 logs', () => {
  interface Line {
    readonly task: string;
    readonly node: string;
    readonly text: string;
  }
  const LINES: readonly Line[] = [
    { task: 'web.1.a', node: madeId('n1'), text: 'v1 c1 web.1.web.1.a' },
    { task: 'web.2.a', node: madeId('n2'), text: 'v1 c2 web.2.web.2.a' },
  ];
  const read = (value: readonly Line[]): MadeHistory =>
    madeWithWeb('S8')
      .service('web', { replicas: 2, image: 'swarmtwin/workload:v1' })
      .task('web.1.a', { node: 'n1' })
      .task('web.2.a', { node: 'n2' })
      .at(5)
      .call('n1', 'GET', '/services/web/logs?stdout=1', { value });
  const changed = (index: number, change: Partial<Line>): readonly Line[] =>
    LINES.map((line, at) => (at === index ? { ...line, ...change } : line));
  test('holds with a line of every task from its node', () => {
    expect(verdictOf(read(LINES))).toBe('holds');
  });
  test('fails when a task is missing', () => {
    expect(verdictOf(read(LINES.slice(0, 1)))).toBe('fails');
  });
  test('fails when a line is said to be from another node', () => {
    expect(verdictOf(read(changed(1, { node: madeId('n1') })))).toBe('fails');
  });
  test('fails when a line is not what the task wrote', () => {
    expect(verdictOf(read(changed(1, { text: 'v1 c1 web.1.web.1.a' })))).toBe('fails');
    expect(verdictOf(read(changed(1, { text: 'v2 c2 web.2.web.2.a' })))).toBe('fails');
  });
  test('fails on a complaint in the stream', () => {
    const complaint = { task: '', node: '', text: 'Error from daemon in stream: warning' };
    expect(verdictOf(read([...LINES, complaint]))).toBe('fails');
  });
  test('is open when all tasks are on one node', () => {
    const history = madeWithWeb('S8').service('web', { image: 'swarmtwin/workload:v1' });
    history.task('web.1.a', { node: 'n1' }).at(5);
    const value = LINES.slice(0, 1);
    history.call('n1', 'GET', '/services/web/logs?stdout=1', { value });
    expect(verdictOf(history)).toBe('inconclusive');
  });
});

describe('S10 mounts', () => {
  const BIND = { Type: 'bind', Source: '/etc', Target: '/host', ReadOnly: true };
  const VOLUME = { Type: 'volume', Source: 'data', Target: '/data' };
  const NOWHERE = { Type: 'bind', Source: '/nowhere', Target: '/host' };
  const ERR = 'invalid mount config for type "bind": bind source path does not exist: /nowhere';
  const MOUNTS = [
    { type: 'bind', source: '/etc', target: '/host', readOnly: true },
    { type: 'volume', source: 'data', target: '/data', readOnly: false },
  ];
  const create = (history: MadeHistory, name: string, mounts: readonly object[]): MadeHistory => {
    const spec = madeSpec(name);
    const ContainerSpec = { Image: 'v1', Mounts: mounts };
    const body = { ...spec, TaskTemplate: { ...spec.TaskTemplate, ContainerSpec } };
    return history.call('n1', 'POST', '/services/create', { status: 201 }, body).service(name, {});
  };
  const mounted = (
    mounts: readonly object[],
    state: 'rejected' | 'running',
    err = ERR,
  ): MadeHistory => {
    const history = create(madeWithWeb('S10'), 'kept', [BIND, VOLUME]).task('kept.1.a');
    create(history, 'astray', [NOWHERE]).task('astray.1.a', { state, err }).at(5);
    return history.call('n1', 'GET', '/containers/c1/json', {
      value: { name: 'kept.1.kept.1.a', mounts },
    });
  };
  test('holds when both are mounted and the missing source rejects its task', () => {
    expect(verdictOf(mounted(MOUNTS, 'rejected'))).toBe('holds');
  });
  test('fails when a mount is missing or another', () => {
    expect(verdictOf(mounted(MOUNTS.slice(1), 'rejected'))).toBe('fails');
    const writable = MOUNTS.map((mount) => ({ ...mount, readOnly: false }));
    expect(verdictOf(mounted(writable, 'rejected'))).toBe('fails');
  });
  test('fails when the missing source is no matter, or is said otherwise', () => {
    expect(verdictOf(mounted(MOUNTS, 'running', ''))).toBe('fails');
    expect(verdictOf(mounted(MOUNTS, 'rejected', 'no such path'))).toBe('fails');
  });
  test('is open when no container was looked at', () => {
    expect(verdictOf(create(madeWithWeb('S10'), 'kept', [BIND, VOLUME]))).toBe('inconclusive');
  });
});

describe('S11 stacks', () => {
  const LABELS = { 'com.docker.stack.namespace': 'shop' };
  const FILTERS = `?filters=${encodeURIComponent('{"label":["com.docker.stack.namespace=shop"]}')}`;
  interface Item {
    readonly id: string;
    readonly name: string;
  }
  const WEB: Item = { id: 's1', name: 'shop_web' };
  const FRONT: Item = { id: 'x1', name: 'shop_front' };
  const TASK: Item = { id: 'shop_web.1.a', name: '' };
  const IDLE = { ...madeSpec('shop_idle', { replicas: 0 }), Labels: LABELS };
  const lists = (
    history: MadeHistory,
    services: readonly Item[],
    tasks: readonly Item[],
    networks: readonly Item[],
  ): MadeHistory =>
    history
      .call('n1', 'GET', `/services${FILTERS}`, { value: services })
      .call('n1', 'GET', `/tasks${FILTERS}`, { value: tasks })
      .call('n1', 'GET', `/networks${FILTERS}`, { value: networks });
  const deployed = (): MadeHistory => {
    const spec = madeSpec('shop_web');
    const TaskTemplate = { ...spec.TaskTemplate, Networks: [{ Target: 'shop_front' }] };
    const body = { ...spec, Labels: LABELS, TaskTemplate };
    return madeWithWeb('S11')
      .at(3)
      .call('n1', 'POST', '/services/create', { status: 201 }, body)
      .service('shop_web', {})
      .task('shop_web.1.a')
      .at(5);
  };
  const removed = (history: MadeHistory): MadeHistory =>
    history
      .at(10)
      .call('n1', 'DELETE', `/services/${madeId('shop_web')}`)
      .at(15);
  test('holds when it is listed, runs, and is removed as one', () => {
    const history = removed(lists(deployed(), [WEB], [TASK], [FRONT]));
    expect(verdictOf(lists(history, [], [], []))).toBe('holds');
  });
  test('holds when a look falls between the removals of its services', () => {
    const history = lists(
      deployed()
        .call('n1', 'POST', '/services/create', { status: 201 }, IDLE)
        .service('shop_idle', { replicas: 0 })
        .at(6),
      [WEB, { id: 's2', name: 'shop_idle' }],
      [TASK],
      [FRONT],
    );
    history.at(10).call('n1', 'DELETE', `/services/${madeId('shop_web')}`);
    history.at(10.1).task('shop_web.1.a', { desired: 'remove' });
    history.at(10.2).call('n1', 'DELETE', `/services/${madeId('shop_idle')}`);
    expect(verdictOf(lists(history.at(15), [], [], []))).toBe('holds');
  });
  test('fails when something of it is not listed', () => {
    for (const [services, tasks, networks] of [
      [[], [TASK], [FRONT]],
      [[WEB], [], [FRONT]],
      [[WEB], [TASK], []],
    ] as const) {
      const history = removed(lists(deployed(), services, tasks, networks));
      expect(verdictOf(lists(history, [], [], []))).toBe('fails');
    }
  });
  test('fails when something of others is listed', () => {
    const history = removed(lists(deployed(), [WEB], [TASK, { id: 'web.1.a', name: '' }], [FRONT]));
    expect(verdictOf(lists(history, [], [], []))).toBe('fails');
  });
  test('fails when something is left', () => {
    const history = removed(lists(deployed(), [WEB], [TASK], [FRONT]));
    expect(verdictOf(lists(history, [], [], [FRONT]))).toBe('fails');
  });
  test('is open when it was not removed', () => {
    expect(verdictOf(lists(deployed(), [WEB], [TASK], [FRONT]))).toBe('inconclusive');
  });
});
