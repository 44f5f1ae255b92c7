import type { ControlRequest } from '../../model/control.ts';
import type { Node, Service } from '../../model/objects.ts';
import type { Elections } from './elections.ts';
import type { Committed, Sight } from './ledger.ts';
import type { Acknowledged } from './watch.ts';

/** Managers renew what they say of themselves each tick. */
const TICK_MS = 1500;
/** A leader that was deposed may serve reads for two election timeouts of 10 ticks; ten seconds for the way and for slow clocks. */
const STALE_MS = 30_000;

/** One committed update of a service or node. */
interface Change {
  readonly from: number;
  readonly to: number;
  readonly atMs: number;
  readonly spec: object;
}

/** What clients were told against what was committed. */
export class Acknowledgements {
  readonly #sight: Sight;
  readonly #elections: Elections;
  readonly #changes = new Map<string, Change[]>();
  /** Ids and names of objects that were removed. */
  readonly #removed = new Set<string>();
  #noted: Acknowledged[] = [];
  /** Answers of managers that were gone in the same instant, with the term of the last entry that was seen then. */
  #held: { readonly op: Acknowledged; readonly term: number }[] = [];
  #term = 0;

  constructor(sight: Sight, elections: Elections) {
    this.#sight = sight;
    this.#elections = elections;
  }

  committed({ events, atMs, term }: Committed): void {
    this.#term = term;
    for (const event of events) {
      if (event.kind !== 'service' && event.kind !== 'node') continue;
      const { object } = event;
      if (event.action === 'remove') {
        this.#removed.add(object.id);
        if (event.kind === 'service') this.#removed.add(event.object.spec.Name);
      } else if (event.action === 'update') {
        const from = event.previous.meta.version;
        const change = { from, to: object.meta.version, atMs, spec: object.spec };
        const changes = this.#changes.get(object.id);
        if (changes === undefined) this.#changes.set(object.id, [change]);
        else changes.push(change);
      }
    }
  }

  note(op: Acknowledged): void {
    this.#noted.push(op);
  }

  /**
   * To be called after an event, when its commits were seen. What a manager committed and answered in its last instant is seen only when another leader has applied
   * it, so such an answer is judged then, or at rest.
   */
  judge(isAtRest = false): void {
    if (this.#noted.length + this.#held.length === 0) return;
    const [noted, held, term] = [this.#noted, this.#held, this.#term];
    this.#noted = [];
    this.#held = [];
    for (const op of noted) {
      this.#judgeLeader(op);
      if (this.#isGone(op.machine)) held.push({ op, term });
      else this.#judgeOne(op);
    }
    for (const each of held)
      if (isAtRest || term > each.term) this.#judgeOne(each.op);
      else this.#held.push(each);
  }

  #isGone(machine: string): boolean {
    const { process, node } = this.#sight.world.machines.get(machine) ?? {};
    return process?.isAlive() !== true || (node?.manager ?? null) === null;
  }

  #judgeLeader({ machine, request, askedAtMs }: Acknowledged): void {
    if (this.#elections.ledAtMs >= askedAtMs - TICK_MS) return;
    for (const { process } of this.#sight.world.machines.values())
      if (process.isAlive() && process.node.manager?.raftStatus().role === 'leader') return;
    this.#sight.report(
      'no-answer-without-leader',
      `${machine} answers ${request.method}, and no manager has led since it was asked`,
    );
  }

  #judgeOne({ request, reply, machine, askedAtMs }: Acknowledged): void {
    switch (request.method) {
      case 'create-service':
        this.#judgeThere(machine, (reply as { readonly id: string }).id);
        return;
      case 'update-service':
      case 'update-node':
        this.#judgeUpdate(machine, request);
        return;
      case 'remove-service':
      case 'remove-node':
        if (!this.#removed.has(request.ref)) this.#uncommitted(machine, request);
        return;
      case 'get-service':
        this.#judgeRead(machine, reply as Service, askedAtMs);
        return;
      case 'get-node':
        this.#judgeRead(machine, (reply as { readonly node: Node }).node, askedAtMs);
        return;
      default:
    }
  }

  #judgeThere(machine: string, id: string): void {
    if (this.#sight.read.get('service', id) !== undefined || this.#removed.has(id)) return;
    const text = `${machine} acknowledges service ${id}, which no manager has committed`;
    this.#sight.report('acknowledged-is-committed', text);
  }

  #uncommitted(machine: string, { method, ref }: Extract<ControlRequest, { ref: string }>): void {
    const text = `${machine} acknowledges ${method} of ${ref}, which no manager has committed`;
    this.#sight.report('acknowledged-is-committed', text);
  }

  #judgeUpdate(
    machine: string,
    request: Extract<ControlRequest, { method: 'update-service' | 'update-node' }>,
  ): void {
    const { method, ref, version } = request;
    const changes = this.#changes.get(ref) ?? [];
    const isRollback = method === 'update-service' && request.rollback;
    const wanted = JSON.stringify(request.spec);
    const own = changes.filter(({ spec }) => isRollback || JSON.stringify(spec) === wanted);
    if (own.some(({ from }) => from === version)) return;
    const last = own.at(-1);
    if (last === undefined) this.#uncommitted(machine, request);
    else
      this.#sight.report(
        'no-stale-version',
        `${machine} acknowledges ${method} of ${ref} on version ${version}; it was committed on top of version ${last.from}`,
      );
  }

  #judgeRead(machine: string, { id, meta }: Service | Node, askedAtMs: number): void {
    const next = this.#changes.get(id)?.find(({ to }) => to > meta.version);
    if (next === undefined || askedAtMs - next.atMs < STALE_MS) return;
    if (this.#elections.hasDeposed()) return;
    this.#sight.report(
      'no-stale-read',
      `${machine} reads ${id} in version ${meta.version}; version ${next.to} was committed ${askedAtMs - next.atMs} ms before it was asked`,
    );
  }
}
