import type { Ports } from '../ports.ts';
import type { Store } from '../store.ts';

/** Gives pending tasks a node. Runs on the leader only. */
export class Scheduler {
  readonly ports: Ports;
  readonly store: Store;

  constructor(ports: Ports, store: Store) {
    this.ports = ports;
    this.store = store;
  }

  /** Reads the store as it is, schedules what waits and follows every change from then on. */
  start(): void {
    this.ports.log({ level: 'debug', part: 'scheduler', message: 'started' });
  }

  stop(): void {
    this.ports.log({ level: 'debug', part: 'scheduler', message: 'stopped' });
  }
}
