/** Hand-made histories for the tests of this room: a clock, and a line for each thing that is seen or done. */
import { DEFAULT_SETTINGS } from '../model/bounds.ts';
import type { Fault, NodeName } from '../model/fault.ts';
import { HISTORY_SCHEMA, NO_LEADER_TEXT } from '../model/history.ts';
import type {
  ClientAsks,
  CompleteRecord,
  ContainerSeen,
  ControlSeen,
  HeldSeen,
  HistoryNode,
  HistoryRecord,
  NodeSeen,
  PortsSeen,
  ServiceSeen,
  StepEndRecord,
  Subject,
  TaskSeen,
} from '../model/history.ts';
import { nodeNames } from '../model/scenario.ts';
import type { ClaimId, Scenario, Shape } from '../model/scenario.ts';
import type { RestartPolicy, ServiceSpec, UpdateConfig } from '../model/specs.ts';
import { judgeClaims } from './judge.ts';
import { USUAL_MESSAGES } from './usual-messages.ts';
import type { ClaimVerdict } from '../model/verdict.ts';

/** A record without number and time. */
type Draft = HistoryRecord extends infer Each
  ? Each extends HistoryRecord
    ? Omit<Each, 'n' | 'atMs'>
    : never
  : never;

export interface SpecDraft {
  readonly replicas?: number;
  readonly global?: boolean;
  readonly image?: string;
  readonly env?: readonly string[];
  readonly force?: number;
  readonly update?: UpdateConfig;
  readonly rollback?: UpdateConfig;
  readonly restart?: RestartPolicy;
  readonly constraints?: readonly string[];
}

export const madeSpec = (name: string, draft: SpecDraft = {}): ServiceSpec => ({
  Name: name,
  Labels: {},
  TaskTemplate: {
    ContainerSpec: {
      Image: draft.image ?? 'v1',
      ...(draft.env === undefined ? {} : { Env: draft.env }),
    },
    ForceUpdate: draft.force ?? 0,
    ...(draft.constraints === undefined ? {} : { Placement: { Constraints: draft.constraints } }),
    ...(draft.restart === undefined ? {} : { RestartPolicy: draft.restart }),
  },
  Mode: draft.global === true ? { Global: {} } : { Replicated: { Replicas: draft.replicas ?? 1 } },
  ...(draft.update === undefined ? {} : { UpdateConfig: draft.update }),
  ...(draft.rollback === undefined ? {} : { RollbackConfig: draft.rollback }),
});

/** An id as Swarm draws them, readable at its beginning. */
export const madeId = (name: string): string =>
  name.replace(/\W|_/g, '0').padEnd(25, '0').slice(0, 25);

type Ending = Partial<Pick<CompleteRecord, 'outcome' | 'status' | 'text' | 'value'>>;

export const REFUSED: Ending = {
  outcome: 'fail',
  status: 500,
  text: `rpc error: code = Unknown desc = ${NO_LEADER_TEXT}`,
};
export const NO_CONNECTION: Ending = { outcome: 'fail', status: 0, text: 'ECONNREFUSED' };

export class MadeHistory {
  readonly records: HistoryRecord[] = [];
  readonly #nodes = new Map<NodeName, NodeSeen>();
  readonly #tasks = new Map<string, TaskSeen>();
  readonly #services = new Map<string, ServiceSeen>();
  readonly #faults = new Map<string, Fault>();
  #nowMs = 0;
  #eye: NodeName = 'n1';
  #ops = 0;
  #version = 10;

  constructor(shape: Shape, claims: readonly ClaimId[], subject: Subject = 'swarm') {
    const scenario: Scenario = {
      ...{ name: 'made', suite: 'quorum-loss', title: 'made by hand', seed: 'made', expectedS: 1 },
      ...{ shape, claims, steps: [] },
    };
    const nodes = nodeNames(shape).map((name, index): HistoryNode => {
      const role =
        index < shape.managers
          ? 'manager'
          : index < shape.managers + shape.workers
            ? 'worker'
            : 'spare';
      return { name, role, address: `10.0.0.${index + 1}` };
    });
    this.#add({
      ...{ type: 'header', schema: HISTORY_SCHEMA, scenario, subject, engine: '26.1.5', host: {} },
      ...{ seed: 'made', settings: DEFAULT_SETTINGS, nodes, startedAt: 0 },
    });
    this.eye('n1');
    for (const { name, role } of nodes)
      if (role !== 'spare')
        this.node(name, {
          role,
          leader: name === 'n1',
          reachability: role === 'manager' ? 'reachable' : '',
        });
  }

  /** What follows happens at this second. */
  at(seconds: number): this {
    this.#nowMs = seconds * 1000;
    return this;
  }

  /** What follows happens a moment later. */
  later(): this {
    this.#nowMs += 10;
    return this;
  }

  #add(draft: Draft): this {
    this.records.push({
      n: this.records.length + 1,
      atMs: this.#nowMs,
      ...draft,
    });
    return this;
  }

  eye(by: NodeName): this {
    this.#eye = by;
    return this.#add({ type: 'observe', what: 'eye', by });
  }

  /** So many seconds in which the machine did not keep up. */
  strain(seconds: number): this {
    for (let n = 0; n < seconds; n += 1)
      this.#add({ type: 'observe', what: 'strain', pressure: 0.99, lagMs: 700 });
    return this;
  }

  node(name: NodeName, change: Partial<NodeSeen>): this {
    const seen: NodeSeen = {
      ...{ what: 'node', id: madeId(name), name, state: 'ready', message: '', role: 'worker' },
      ...{ availability: 'active', reachability: '', leader: false },
      ...this.#nodes.get(name),
      ...change,
      by: this.#eye,
    };
    this.#nodes.set(name, seen);
    return this.#add({ type: 'observe', ...seen });
  }

  control(by: NodeName, answer: ControlSeen['answer'] | 'no-leader'): this {
    const text = answer === 'no-leader' ? (REFUSED.text ?? '') : '';
    const how = answer === 'no-leader' ? 'error' : answer;
    return this.#add({ type: 'observe', what: 'control', by, answer: how, status: 0, text });
  }

  service(name: string, draft: SpecDraft, change: Partial<ServiceSeen> = {}): this {
    this.#version += 1;
    const seen: ServiceSeen = {
      ...{ what: 'service', by: this.#eye, id: madeId(name), name, version: this.#version },
      ...{ spec: madeSpec(name, draft), updateState: '', updateMessage: '' },
      ...change,
    };
    this.#services.set(name, seen);
    return this.#add({ type: 'observe', ...seen });
  }

  /** A task's next form; what is not said stays as it was. `id` begins with the service's name and its slot: `web.1.a`. */
  task(id: string, change: Partial<TaskSeen> = {}): this {
    const [service = '', slot = '1'] = id.split('.');
    const before = this.#tasks.get(id);
    const seen: TaskSeen = {
      ...{ what: 'task', id, service, slot: Number(slot), node: 'n1', image: 'v1', env: [] },
      ...{ desired: 'running', state: 'running', message: '', err: '', container: `c-${id}` },
      ...{ createdMs: this.#nowMs },
      ...before,
      changedMs:
        before !== undefined && (change.state ?? before.state) === before.state
          ? before.changedMs
          : this.#nowMs,
      message: USUAL_MESSAGES[change.state ?? before?.state ?? 'running']?.[0] ?? '',
      ...change,
      by: this.#eye,
    };
    this.#tasks.set(id, seen);
    return this.#add({ type: 'observe', ...seen });
  }

  /** A replacement as the restart supervisor makes it: Ready at once, running `afterS` seconds later. */
  replace(id: string, node: NodeName, afterS = 5.3, change: Partial<TaskSeen> = {}): this {
    const madeMs = this.#nowMs;
    this.task(id, { node, desired: 'ready', state: 'ready', ...change });
    this.at(madeMs / 1000 + afterS);
    return this.task(id, { desired: 'running', state: 'running' });
  }

  gone(id: string): this {
    return this.#add({ type: 'observe', what: 'gone', by: this.#eye, kind: 'task', id });
  }

  /** What was found of a secret on a node. */
  held(seen: Omit<HeldSeen, 'what'>): this {
    return this.#add({ type: 'observe', what: 'held', ...seen });
  }

  /** Where a node listened. */
  ports(seen: Omit<PortsSeen, 'what'>): this {
    return this.#add({ type: 'observe', what: 'ports', ...seen });
  }

  /** The swarm lists the node no more. */
  unlisted(name: NodeName): this {
    const id = this.#nodes.get(name)?.id ?? madeId(name);
    return this.#add({ type: 'observe', what: 'gone', by: this.#eye, kind: 'node', id });
  }

  container(node: NodeName, task: string, state: ContainerSeen['state'], name = task): this {
    const service = task.split('.')[0] ?? '';
    const id = `c-${task}`;
    return this.#add({
      ...{ type: 'observe', what: 'container', node, id, name, state, task, service },
    });
  }

  engine(node: NodeName, answers: boolean): this {
    return this.#add({ type: 'observe', what: 'engine', node, answers, text: 'made' });
  }

  /** An operation that is answered at once. */
  call(
    node: NodeName,
    method: string,
    path: string,
    ending: Ending = {},
    body?: unknown,
    label = `${method} ${path}`,
  ): this {
    this.#ops += 1;
    const op = this.#ops;
    const write = method !== 'GET';
    this.#add({ type: 'invoke', op, step: 0, label, node, method, path, write, body });
    const { outcome = 'ok', status = 200, text = '', value } = ending;
    return this.#add({ type: 'complete', op, outcome, status, text, value });
  }

  /** One of several clients asks something of a register. `null`: no answer comes. */
  asks(
    node: NodeName,
    method: 'GET' | 'POST' | 'DELETE',
    asks: Omit<ClientAsks, 'client'>,
    ending: Ending | null = {},
  ): this {
    this.#ops += 1;
    const op = this.#ops;
    const client = { client: 1, ...asks };
    const about = { label: 'client 1', node, method, path: `/services/${asks.register}` };
    this.#add({ type: 'invoke', op, step: 0, ...about, write: method !== 'GET', client });
    if (ending === null) return this;
    const { outcome = 'ok', status = 200, text = '', value } = ending;
    return this.#add({ type: 'complete', op, outcome, status, text, value });
  }

  read(node: NodeName, ending: Ending = {}): this {
    return this.call(node, 'GET', '/nodes', ending);
  }

  create(node: NodeName, name: string, draft: SpecDraft = {}, ending: Ending = {}): this {
    return this.call(node, 'POST', '/services/create', ending, madeSpec(name, draft));
  }

  update(node: NodeName, name: string, draft: SpecDraft, ending: Ending = {}): this {
    const path = `/services/${madeId(name)}/update?version=1`;
    return this.call(node, 'POST', path, ending, madeSpec(name, draft));
  }

  rollback(node: NodeName, name: string): this {
    return this.call(
      node,
      'POST',
      `/services/${madeId(name)}/update?version=1&rollback=previous`,
      {},
      madeSpec(name),
    );
  }

  setNode(name: NodeName, availability: NodeSeen['availability']): this {
    const path = `/nodes/${madeId(name)}/update?version=1`;
    return this.call('n1', 'POST', path, {}, { Availability: availability }).node(name, {
      availability,
    });
  }

  /** A fault that bites at once. */
  fault(name: string, fault: Fault): this {
    return this.begin(name, fault).bitten(name, fault);
  }

  begin(name: string, fault: Fault): this {
    this.#faults.set(name, fault);
    return this.#add({ type: 'fault', phase: 'begin', name, fault });
  }

  bitten(name: string, fault: Fault): this {
    return this.#add({ type: 'fault', phase: 'bitten', name, fault });
  }

  /** Heal begun and taken. */
  heal(name: string): this {
    const fault = this.#faults.get(name);
    if (fault === undefined) throw new Error(`no fault ${name}`);
    return this.#add({ type: 'fault', phase: 'heal-begin', name, fault }).#add({
      ...{ type: 'fault', phase: 'healed', name, fault },
    });
  }

  step(step: number, title: string): this {
    return this.#add({ type: 'step', step, title });
  }

  ended(step: number, outcome: StepEndRecord['outcome'], text = ''): this {
    return this.#add({ type: 'step-end', step, outcome, text });
  }

  mark(name: string): this {
    return this.#add({ type: 'mark', name });
  }

  end(outcome: 'complete' | 'aborted' = 'complete', text = ''): readonly HistoryRecord[] {
    return this.#add({ type: 'end', outcome, text }).records;
  }

  /** Ends the history and judges its one claim. */
  verdict(): ClaimVerdict {
    const [verdict] = judgeClaims(this.end());
    if (verdict === undefined) throw new Error('the scenario names no claim');
    return verdict;
  }
}

/** One manager, one worker; the service web, two tasks, is declared at 1 s and seen at 1.5 s. */
export const madeWithWeb = (claim: ClaimId): MadeHistory =>
  new MadeHistory({ managers: 1, workers: 1 }, [claim])
    .at(1)
    .create('n1', 'web', { replicas: 2 })
    .at(1.5)
    .service('web', { replicas: 2 });
