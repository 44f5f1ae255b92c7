import { describe, expect, test } from '@jest/globals';
import type { Fault, Proof } from '../model/fault.ts';
import { DEFAULT_SETTINGS } from '../model/bounds.ts';
import { NO_LEADER_TEXT } from '../model/history.ts';
import type { HistoryRecord, NodeSeen, Observation, TaskSeen } from '../model/history.ts';
import type { Scenario, Step } from '../model/scenario.ts';
import type { ServiceSpec } from '../model/specs.ts';
import type { ApiAnswer, ApiCall, Target } from '../target/target.ts';
import { playScenario } from './play.ts';
import { runScenario } from './run-scenario.ts';

const PROOF: Proof = { looked: 'the made cluster', before: 'well', after: 'broken' };

/** A cluster of two managers and a worker that obeys at once; its clock moves only when the runner lets it. */
class MadeTarget implements Target {
  readonly subject = 'swarm';
  readonly engine = 'made';
  readonly host = {};
  readonly settings = DEFAULT_SETTINGS;
  readonly startedAt = 0;
  readonly nodes = (['n1', 'n2', 'n3'] as const).map((name, index) => ({
    name,
    role: index < 2 ? ('manager' as const) : ('worker' as const),
    address: '',
  }));
  readonly calls: ApiCall[] = [];
  readonly faults = new Map<string, Fault>();
  stopped = 0;
  answer: (call: ApiCall) => ApiAnswer = () => ({ kind: 'answer', status: 200, value: null });
  seen: (observation: Observation) => void = () => undefined;
  #nowMs = 0;

  now(): number {
    return this.#nowMs;
  }
  advance(ms: number): Promise<void> {
    this.#nowMs += ms;
    return Promise.resolve();
  }
  look(): Promise<void> {
    return this.advance(10);
  }
  call(call: ApiCall): Promise<ApiAnswer> {
    this.calls.push(call);
    return Promise.resolve(this.answer(call));
  }
  watch(seen: (observation: Observation) => void): void {
    this.seen = seen;
    seen({ what: 'eye', by: 'n1' });
    seen({ what: 'control', by: 'n1', answer: 'ok', status: 200, text: '' });
    for (const { name, role } of this.nodes) this.node(name, { role });
  }
  node(name: string, change: Partial<NodeSeen>): void {
    this.seen({
      ...{ what: 'node', by: 'n1', id: `id-${name}`, name, state: 'ready', message: '' },
      ...{ availability: 'active', role: 'worker', leader: name === 'n1' },
      reachability: change.role === 'manager' ? 'reachable' : '',
      ...change,
    });
  }
  service(name: string, version: number, replicas = 1): void {
    const spec: ServiceSpec = {
      ...{ Name: name, Labels: {}, TaskTemplate: { ForceUpdate: 0 } },
      Mode: { Replicated: { Replicas: replicas } },
    };
    const status = { updateState: '', updateMessage: '' } as const;
    this.seen({ what: 'service', by: 'n1', id: `id-${name}`, name, version, spec, ...status });
  }
  task(id: string, change: Partial<TaskSeen> = {}): void {
    this.seen({
      ...{ what: 'task', by: 'n1', id, service: 'web', slot: 1, node: 'n3', message: '', err: '' },
      ...{ desired: 'running', state: 'running', container: `c-${id}`, image: 'v1', env: [] },
      ...{ createdMs: this.#nowMs, changedMs: this.#nowMs },
      ...change,
    });
  }
  inject(name: string, fault: Fault): Promise<Proof> {
    this.faults.set(name, fault);
    return Promise.resolve(PROOF);
  }
  heal(name: string): Promise<Proof> {
    this.faults.delete(name);
    return Promise.resolve(PROOF);
  }
  join(): Promise<void> {
    return Promise.resolve();
  }
  holding(): ReturnType<Target['holding']> {
    return Promise.resolve({ looked: 'nowhere', places: [] });
  }
  ports(): ReturnType<Target['ports']> {
    return Promise.resolve({ looked: 'nowhere', listens: ['2377/tcp'], connected: [] });
  }
  stop(): Promise<void> {
    this.stopped += 1;
    return Promise.resolve();
  }
}

const scenario = (steps: readonly Step[]): Scenario => ({
  ...{ name: 'made', suite: 'slot-refill', title: 'made', seed: 's', expectedS: 1, claims: [] },
  ...{ shape: { managers: 2, workers: 1 }, steps },
});

const run = (target: MadeTarget, ...steps: readonly Step[]): Promise<readonly HistoryRecord[]> =>
  runScenario(scenario(steps), target, { sink: () => undefined });

const ofType = <T extends HistoryRecord['type']>(
  records: readonly HistoryRecord[],
  type: T,
): Extract<HistoryRecord, { type: T }>[] =>
  records.filter((record): record is Extract<HistoryRecord, { type: T }> => record.type === type);

describe('a history', () => {
  test('begins with a header that holds the scenario and ends with how it went; records are numbered lines', async () => {
    const lines: string[] = [];
    const target = new MadeTarget();
    const made = scenario([{ do: 'mark', name: 'here' }]);
    const records = await runScenario(made, target, { sink: (line) => lines.push(line) });
    expect(records[0]).toMatchObject({
      n: 1,
      type: 'header',
      schema: 1,
      scenario: made,
      seed: 's',
    });
    expect(records.at(-1)).toMatchObject({ type: 'end', outcome: 'complete' });
    expect(lines.map((line) => (JSON.parse(line) as HistoryRecord).n)).toEqual(
      records.map((_, index) => index + 1),
    );
    expect(lines.join('')).not.toContain('\n');
  });

  test('has a call before its answer, and how it ended', async () => {
    const target = new MadeTarget();
    target.answer = ({ method }) =>
      method === 'GET'
        ? { kind: 'answer', status: 500, value: { message: NO_LEADER_TEXT } }
        : { kind: 'no-answer', sent: true, text: 'DEADLINE' };
    const create: Step = { do: 'create', service: 'web', image: 'v1', through: 'n2' };
    const records = await run(target, { do: 'list', kind: 'nodes', through: 'n2' }, create);
    expect(ofType(records, 'invoke').map(({ node, write }) => [node, write])).toEqual([
      ['n2', false],
      ['n2', true],
    ]);
    expect(ofType(records, 'complete').map(({ outcome, status }) => [outcome, status])).toEqual([
      ['fail', 500],
      ['unknown', 0],
    ]);
  });

  test.each([
    ['a refused connection', { kind: 'no-answer', sent: false, text: 'ECONNREFUSED' }, 'fail'],
    [
      'the loss of the leader',
      { kind: 'answer', status: 500, value: { message: 'node lost leader status' } },
      'unknown',
    ],
    [
      'the lack of a leader',
      { kind: 'answer', status: 500, value: { message: NO_LEADER_TEXT } },
      'fail',
    ],
    ['success', { kind: 'answer', status: 201, value: { ID: 'x' } }, 'ok'],
  ] as const)('calls a write that ends with %s by its right name', async (_, answer, outcome) => {
    const target = new MadeTarget();
    target.answer = () => answer;
    const records = await run(target, { do: 'create', service: 'web', image: 'v1' });
    expect(ofType(records, 'complete')[0]?.outcome).toBe(outcome);
  });
});

describe('faults', () => {
  const lost: Step = { do: 'inject', as: 'lost', fault: { kind: 'kill', node: 'worker' } };
  test('are resolved, proved, and healed by name', async () => {
    const target = new MadeTarget();
    const records = await run(target, lost, { do: 'heal', fault: 'lost' });
    expect(ofType(records, 'fault').map(({ phase }) => phase)).toEqual([
      'begin',
      'bitten',
      'heal-begin',
      'healed',
    ]);
    expect(ofType(records, 'fault')[1]).toMatchObject({
      fault: { kind: 'kill', node: 'n3' },
      proof: PROOF,
    });
  });
  test('that a scenario leaves are healed at its end', async () => {
    const target = new MadeTarget();
    const records = await run(target, lost);
    expect(target.faults.size).toBe(0);
    expect(ofType(records, 'end')[0]?.outcome).toBe('complete');
  });
  test('that did not bite end the run with the reason, and healing still happens', async () => {
    const target = new MadeTarget();
    target.inject = () => Promise.reject(new Error('it did not bite'));
    const cut: Step = { do: 'inject', as: 'cut', fault: { kind: 'stop', node: 'n2' } };
    const records = await run(target, cut, { do: 'mark', name: 'never' });
    expect(ofType(records, 'mark')).toEqual([]);
    expect(ofType(records, 'end')[0]).toMatchObject({
      outcome: 'aborted',
      text: expect.stringContaining('it did not bite'),
    });
  });
  test('on a partition leave rest to the nodes that nobody named', async () => {
    const target = new MadeTarget();
    const cut: Step = {
      do: 'inject',
      as: 'cut',
      fault: { kind: 'partition', groups: [['rest'], ['leader']], plane: 'full' },
    };
    const records = await run(target, cut);
    expect(ofType(records, 'fault')[0]?.fault).toMatchObject({ groups: [['n2', 'n3'], ['n1']] });
  });
});

describe('waits', () => {
  test('end when the condition is met, and say after how long', async () => {
    const target = new MadeTarget();
    const began = target.advance.bind(target);
    target.advance = (ms) => {
      if (target.now() > 400) {
        target.service('web', 1);
        target.task('a');
      }
      return began(ms);
    };
    const wait: Step = { do: 'wait', until: 'running', service: 'web', withinS: 5 };
    const records = await run(target, wait);
    expect(ofType(records, 'step-end')[0]).toMatchObject({
      outcome: 'done',
      text: expect.stringMatching(/^after 0\.\d s$/),
    });
  });
  test('that run out of time say what was missing, and the scenario goes on', async () => {
    const target = new MadeTarget();
    const wait: Step = { do: 'wait', until: 'node-state', node: 'n3', state: 'down', withinS: 1 };
    const records = await run(target, wait, { do: 'mark', name: 'on' });
    expect(ofType(records, 'step-end')[0]).toMatchObject({ outcome: 'late', text: 'n3 is ready' });
    expect(ofType(records, 'mark')).toHaveLength(1);
  });
  test('for running do not count a task on a node that a fault is on', async () => {
    const target = new MadeTarget();
    const watch = target.watch.bind(target);
    target.watch = (seen) => {
      watch(seen);
      target.service('web', 1);
      target.task('a');
    };
    const records = await run(
      target,
      { do: 'inject', as: 'lost', fault: { kind: 'kill', node: 'n3' } },
      { do: 'wait', until: 'running', service: 'web', withinS: 1 },
    );
    expect(ofType(records, 'step-end')[1]).toMatchObject({
      outcome: 'late',
      text: expect.stringContaining('runs 0 of 1'),
    });
  });
});

describe('client operations', () => {
  test('an update is made on top of the spec that was seen, and read again when the version was stale', async () => {
    const target = new MadeTarget();
    const watch = target.watch.bind(target);
    target.watch = (seen) => {
      watch(seen);
      target.service('web', 7);
    };
    let tries = 0;
    target.answer = () => {
      tries += 1;
      if (tries > 1) return { kind: 'answer', status: 200, value: {} };
      target.service('web', 9);
      return { kind: 'answer', status: 500, value: { message: 'update out of sequence' } };
    };
    await run(target, { do: 'update', service: 'web', replicas: 4, force: true });
    expect(target.calls.map(({ path }) => path)).toEqual([
      '/services/id-web/update?version=7',
      '/services/id-web/update?version=9',
    ]);
    expect(target.calls[1]?.body).toMatchObject({
      Name: 'web',
      Mode: { Replicated: { Replicas: 4 } },
      TaskTemplate: { ForceUpdate: 1 },
    });
  });
  test('a reference that fits no node is answered with the nodes there are', async () => {
    const records = await run(new MadeTarget(), { do: 'list', kind: 'nodes', through: 'n9' });
    expect(ofType(records, 'end')[0]?.text).toContain(
      "no node is meant by 'n9' now: the cluster has n1, n2, n3, its leader is n1",
    );
  });
});

describe('two sides', () => {
  const ok = scenario([{ do: 'mark', name: 'here' }]);
  test('are played at the same time, and a cluster that does not come up does not stop the other', async () => {
    const target = new MadeTarget();
    const played = await playScenario(ok, [
      { subject: 'swarm', make: () => Promise.resolve(target), sink: () => undefined },
      {
        subject: 'twin',
        make: () => Promise.reject(new Error('no bundle')),
        sink: () => undefined,
      },
    ]);
    expect(played[0]).toMatchObject({ subject: 'swarm' });
    expect(played[0]?.records.at(-1)).toMatchObject({ type: 'end', outcome: 'complete' });
    expect(played[1]?.error).toMatchObject({ code: 'lab-failed' });
    expect(target.stopped).toBe(1);
  });
  test('a cluster that cannot be taken down whole is told of, and its history is kept', async () => {
    const target = new MadeTarget();
    target.stop = () => Promise.reject(new Error('the network stays'));
    const [played] = await playScenario(ok, [
      { subject: 'swarm', make: () => Promise.resolve(target), sink: () => undefined },
    ]);
    expect(played?.records.at(-1)).toMatchObject({ type: 'end', outcome: 'complete' });
    expect(played?.error).toBeUndefined();
    expect(played?.left?.message).toContain('the network stays');
  });
  test('an interruption ends a run between its steps', async () => {
    const target = new MadeTarget();
    const long = scenario([
      { do: 'hold', seconds: 60, why: 'long' },
      { do: 'mark', name: 'on' },
    ]);
    const side = {
      subject: 'swarm',
      make: () => Promise.resolve(target),
      sink: () => undefined,
    } as const;
    const [played] = await playScenario(long, [side], {
      interrupted: () => (target.now() > 1000 ? 'interrupted' : undefined),
    });
    expect(target.now()).toBeLessThan(3000);
    expect(played?.records.at(-1)).toMatchObject({ outcome: 'aborted', text: 'interrupted' });
  });
});
