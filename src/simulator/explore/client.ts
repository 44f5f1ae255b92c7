/** The clients of a plan: each operation is asked of a manager's API as people ask it, read first, write on top, again when somebody was quicker. */
import type { ControlReplies, ControlRequest } from '../../model/control.ts';
import type { SwarmError } from '../../model/errors.ts';
import type { Result } from '../../model/result.ts';
import type { NodeSpec, ServiceSpec } from '../../model/specs.ts';
import type { Acknowledged, Expected } from '../invariants/watch.ts';
import type { World } from '../world.ts';
import type { Operation, PlannedOperation } from './plan.ts';
import { changed, specOf } from './spec.ts';

/** How an operation ended: `refused` is certain not to have happened, `unknown` may have. */
export type Outcome = 'ok' | 'refused' | 'unknown';

export interface ClientEvents {
  asked(operation: PlannedOperation, machine: string): void;
  ended(operation: PlannedOperation, outcome: Outcome, text: string): void;
  acknowledged(op: Acknowledged): void;
}

type End = (outcome: Outcome, text: string) => void;

const STALE_TRIES = 3;
const STALE = 'update out of sequence';
/** SwarmKit: who joins asks for a certificate again after 2 s. */
const JOIN_AGAIN_MS = 2000;
/** What a swarm answers before it has changed anything. */
const DEFINITE = ['NotFound', 'InvalidArgument', 'FailedPrecondition', 'AlreadyExists'];

export class Client {
  readonly #world: World;
  readonly #events: ClientEvents;
  readonly #members: Set<string>;
  readonly #unsure = new Set<string>();
  #strays = 0;

  constructor(world: World, members: readonly string[], events: ClientEvents) {
    this.#world = world;
    this.#events = events;
    this.#members = new Set(members);
  }

  /** Which nodes the swarm has to list, as far as its clients can know. */
  expected(): Required<Pick<Expected, 'nodes' | 'unsureNodes' | 'strayNodes'>> {
    const sure = [...this.#members].filter((name) => !this.#unsure.has(name));
    return { nodes: sure, unsureNodes: [...this.#unsure], strayNodes: this.#strays };
  }

  play(operation: PlannedOperation): void {
    const machine = this.#through(operation.through);
    this.#events.asked(operation, machine);
    const end: End = (outcome, text) => {
      this.#events.ended(operation, outcome, text);
    };
    if (machine === '') end('refused', 'connection refused');
    else this.#play(machine, operation, end);
  }

  #through(through: string): string {
    const { machines } = this.#world;
    const isUp = (name: string): boolean => machines.get(name)?.process.isAlive() === true;
    if (through !== 'any' && through !== 'leader') return isUp(through) ? through : '';
    const leader = through === 'leader' ? this.#world.leader() : '';
    if (leader !== '') return leader;
    const ready = [...machines.values()].find(
      ({ name, node }) => isUp(name) && node.managerReady(),
    );
    return ready?.name ?? '';
  }

  #play(machine: string, operation: Operation, end: End): void {
    switch (operation.do) {
      case 'create':
        this.#write(machine, { method: 'create-service', spec: specOf(operation.service) }, end);
        return;
      case 'remove':
        this.#write(machine, { method: 'remove-service', ref: operation.service }, end);
        return;
      case 'update':
        this.#change(machine, operation.service, (spec) => changed(spec, operation.change), end);
        return;
      case 'scale': {
        const { replicas } = operation;
        this.#change(machine, operation.service, (spec) => changed(spec, { replicas }), end);
        return;
      }
      case 'rollback':
        this.#change(machine, operation.service, null, end);
        return;
      default:
        this.#playOnNode(machine, operation, end);
    }
  }

  #playOnNode(
    machine: string,
    operation: Extract<Operation, { readonly node: string }>,
    end: End,
  ): void {
    const { node } = operation;
    switch (operation.do) {
      case 'availability':
        this.#changeNode(machine, node, { Availability: operation.availability }, end);
        return;
      case 'promote':
        this.#changeNode(machine, node, { Role: 'manager' }, end);
        return;
      case 'demote':
        this.#changeNode(machine, node, { Role: 'worker' }, end);
        return;
      case 'remove-node':
        this.#removeNode(machine, node, operation.force, end);
        return;
      case 'join':
        this.#join(machine, node, operation.role, end);
        return;
      case 'leave':
        this.#leave(node, end);
    }
  }

  #ask<R extends ControlRequest>(
    machine: string,
    request: R,
    end: End,
    next: (reply: ControlReplies[R['method']]) => void,
  ): void {
    const askedAtMs = this.#world.time.now;
    this.#world.machine(machine).node.control(request, (result) => {
      if (!result.ok) {
        end(outcomeOf(result.error), result.error.text);
        return;
      }
      const reply = result.value;
      const answeredAtMs = this.#world.time.now;
      this.#events.acknowledged({ request, reply, machine, askedAtMs, answeredAtMs });
      next(reply);
    });
  }

  #write(machine: string, request: ControlRequest, end: End): void {
    this.#ask(machine, request, end, () => {
      end('ok', '');
    });
  }

  /** Without a change: a rollback. */
  #change(
    machine: string,
    service: string,
    change: ((spec: ServiceSpec) => ServiceSpec) | null,
    end: End,
    tries = STALE_TRIES,
  ): void {
    this.#ask(machine, { method: 'get-service', ref: service }, end, ({ id, meta, spec }) => {
      const request = {
        ...({ method: 'update-service', ref: id, version: meta.version } as const),
        ...{ spec: change?.(spec) ?? spec, rollback: change === null },
      };
      const again = (): void => {
        this.#change(machine, service, change, end, tries - 1);
      };
      this.#write(machine, request, unlessStale(tries, again, end));
    });
  }

  #changeNode(
    machine: string,
    node: string,
    change: Partial<NodeSpec>,
    end: End,
    tries = STALE_TRIES,
  ): void {
    const ref = this.#idOf(node, end);
    if (ref === '') return;
    this.#ask(machine, { method: 'get-node', ref }, end, (view) => {
      const { meta, spec } = view.node;
      const again = (): void => {
        this.#changeNode(machine, node, change, end, tries - 1);
      };
      this.#write(
        machine,
        { method: 'update-node', ref, version: meta.version, spec: { ...spec, ...change } },
        unlessStale(tries, again, end),
      );
    });
  }

  #removeNode(machine: string, node: string, force: boolean, end: End): void {
    const ref = this.#idOf(node, end);
    if (ref === '') return;
    const wasUnsure = this.#unsure.has(node);
    this.#unsure.add(node);
    this.#write(machine, { method: 'remove-node', ref, force }, (outcome, text) => {
      // A manager asks the next leader again when the one before it was lost, which may have removed the node (SwarmKit: raft proxy, pollNewLeaderConn).
      const ended = text === `node ${ref} not found` ? 'unknown' : outcome;
      if (ended === 'refused' && !wasUnsure) this.#unsure.delete(node);
      end(ended, text);
    });
  }

  #idOf(node: string, end: End): string {
    const ref = this.#world.machines.get(node)?.node.nodeId() ?? '';
    if (ref === '') end('refused', 'the machine is in no swarm');
    return ref;
  }

  #join(through: string, node: string, role: 'worker' | 'manager', end: End): void {
    this.#ask(through, { method: 'get-cluster' }, end, ({ joinTokens }) => {
      this.#unsure.add(node);
      const askedAtMs = this.#world.time.now;
      const done = (result: Result<null>): void => {
        this.#strays += Math.floor((this.#world.time.now - askedAtMs) / JOIN_AGAIN_MS);
        if (result.ok) {
          this.#members.add(node);
          this.#unsure.delete(node);
        }
        end(result.ok ? 'ok' : 'unknown', result.ok ? '' : result.error.text);
      };
      this.#world.askToJoin(node, joinTokens[role], through, done);
    });
  }

  #leave(node: string, end: End): void {
    const machine = this.#world.machines.get(node);
    if (machine?.process.isAlive() !== true || machine.node.nodeId() === '') {
      end('refused', 'the machine is in no swarm');
      return;
    }
    this.#unsure.add(node);
    machine.node.leave((result) => {
      end(result.ok ? 'ok' : 'unknown', result.ok ? '' : result.error.text);
    });
  }
}

const outcomeOf = (error: SwarmError): Outcome =>
  DEFINITE.includes(error.code) || error.origin === 'facade' ? 'refused' : 'unknown';

const unlessStale =
  (tries: number, again: () => void, end: End): End =>
  (outcome, text) => {
    if (text.includes(STALE) && tries > 1) again();
    else end(outcome, text);
  };
