import type { Node } from '../../model/objects.ts';
import type { Ports, Timer } from '../ports.ts';
import type { Store } from '../store.ts';

/** SwarmKit: role changes that could not be made are tried again every 5 s. */
const RETRY_MS = 5000;

/** What the role manager asks of consensus. */
export interface RoleConsensus {
  /** The nodes of all members. */
  members(): readonly Node['id'][];
  isMember(nodeId: Node['id']): boolean;
  /** Removes the member if a quorum stays; hands over the lead first when it is ourselves. Calls back when it is done or failed. */
  removeMember(nodeId: Node['id'], done: (removed: boolean) => void): void;
}

/**
 * Brings each node's role in force to the role it should have: up at once, down only after the raft member is gone (behaviour.md 9.2). A member whose node is no
 * longer listed is removed too: one that was demoted and came back with its old certificate may have joined anew just before its removal (SwarmKit: evictRemovedNode).
 */
export class RoleManager {
  readonly #ports: Ports;
  readonly #store: Store;
  readonly #consensus: RoleConsensus;
  readonly #busy = new Set<string>();
  /** Nodes that are no longer listed, and may still be members. */
  readonly #unlisted = new Set<Node['id']>();
  #unwatch: (() => void) | null = null;
  #timer: Timer | null = null;

  constructor(ports: Ports, store: Store, consensus: RoleConsensus) {
    this.#ports = ports;
    this.#store = store;
    this.#consensus = consensus;
  }

  start(): void {
    this.#unwatch = this.#store.watch((events) => {
      for (const event of events) {
        if (event.kind !== 'node') continue;
        if (event.action === 'remove') this.#removed(event.object.id);
        else this.#reconcile(event.object);
      }
    });
    for (const id of this.#consensus.members())
      if (this.#store.read.get('node', id) === undefined) this.#unlisted.add(id);
    this.#reconcileAll();
  }

  stop(): void {
    this.#unwatch?.();
    this.#unwatch = null;
    this.#timer?.cancel();
    this.#busy.clear();
    this.#unlisted.clear();
  }

  #reconcileAll(): void {
    for (const node of this.#store.read.all('node')) this.#reconcile(node);
    for (const id of this.#unlisted) this.#evict(id);
  }

  #removed(id: Node['id']): void {
    this.#busy.delete(id);
    this.#unlisted.add(id);
    this.#evict(id);
  }

  /** Until it is a member no more. */
  #evict(id: Node['id']): void {
    if (this.#busy.has(id)) return;
    if (!this.#consensus.isMember(id)) {
      this.#unlisted.delete(id);
      return;
    }
    this.#busy.add(id);
    this.#consensus.removeMember(id, () => {
      if (this.#unwatch === null) return;
      this.#busy.delete(id);
      if (this.#consensus.isMember(id)) this.#retryLater();
      else this.#unlisted.delete(id);
    });
  }

  #reconcile(node: Node): void {
    if (node.role === node.spec.Role || this.#busy.has(node.id)) return;
    if (node.spec.Role === 'manager') this.#setRole(node.id, 'manager');
    else if (!this.#consensus.isMember(node.id)) this.#setRole(node.id, 'worker');
    else this.#demote(node);
  }

  #demote(node: Node): void {
    this.#busy.add(node.id);
    this.#consensus.removeMember(node.id, (removed) => {
      if (this.#unwatch === null) return;
      this.#busy.delete(node.id);
      const current = this.#store.read.get('node', node.id);
      if (removed && current !== undefined) this.#reconcile(current);
      else this.#retryLater();
    });
  }

  #retryLater(): void {
    this.#timer?.cancel();
    this.#timer = this.#ports.timers.after(RETRY_MS, () => {
      this.#reconcileAll();
    });
  }

  #setRole(id: string, role: Node['role']): void {
    this.#busy.add(id);
    this.#store.update(
      (transaction) => {
        const node = transaction.get('node', id);
        if (node?.spec.Role === role) transaction.update('node', { ...node, role });
      },
      (result) => {
        if (this.#unwatch === null) return;
        this.#busy.delete(id);
        if (!result.ok) this.#retryLater();
      },
    );
  }
}
