/** What the tests of an agent's life run on. */
import { nodeId } from '../../model/ids.ts';
import type { Task } from '../../model/objects.ts';
import { Dispatcher } from '../dispatcher/dispatcher.ts';
import { makeNode, makeTask, VirtualSwarm } from '../dispatcher/virtual-swarm.ts';
import type { Ports } from '../ports.ts';
import type { DispatcherClient, SessionMessage, WeightedPeer } from '../session.ts';
import { Agent } from './agent.ts';
import { DirectDialer, FakeExecutor } from './fake-executor.ts';
import { MemoryAgentStorage } from './storage.ts';

export const peer = (id: string): WeightedPeer => ({
  nodeId: nodeId(id),
  addr: `${id}:2377`,
  weight: 10,
});

/** A leader's dispatcher and one agent, joined without a network. */
export class Bench extends VirtualSwarm {
  readonly engine = new FakeExecutor('n1');
  readonly storage = new MemoryAgentStorage();
  readonly sessions: SessionMessage[] = [];
  readonly dispatcher: Dispatcher;
  readonly dialer: DirectDialer;
  managers: WeightedPeer[] = [peer('m1')];
  local: DispatcherClient | null = null;
  agent: Agent;
  #life = { ended: false };

  constructor(seed = 'agent') {
    super(seed);
    this.dispatcher = new Dispatcher(this.ports, this.store, {
      self: nodeId('m1'),
      managers: () => this.managers,
      managersChanged: () => () => undefined,
      rootCa: () => 'root',
    });
    const all = new Map(['m1', 'm2', 'm3'].map((id) => [id, this.dispatcher]));
    this.dialer = new DirectDialer({ nodeId: nodeId('n1'), addr: '10.0.0.5' }, all);
    this.create('node', makeNode('n1', { state: 'unknown' }));
    this.dispatcher.start();
    this.agent = this.makeAgent();
  }

  makeAgent(): Agent {
    const life = { ended: false };
    this.#life = life;
    const timers: Ports['timers'] = {
      after: (delayMs, callback) =>
        this.time.after(delayMs, () => {
          if (!life.ended) callback();
        }),
    };
    return new Agent(
      { ...this.ports, timers },
      {
        nodeId: nodeId('n1'),
        dialer: this.dialer,
        executor: this.engine,
        storage: this.storage,
        localManager: () => this.local,
        onSession: (message) => this.sessions.push(message),
      },
    );
  }

  /** Starts the agent and lets it register. */
  join(): this {
    this.agent.start(this.managers);
    this.time.advance(200);
    return this;
  }

  /** The daemon is killed; containers run on. */
  kill(): void {
    this.#life.ended = true;
    const cut = [...this.dialer.cut];
    for (const id of ['m1', 'm2', 'm3']) this.dialer.cutOff(id);
    this.dialer.cut.clear();
    for (const id of cut) this.dialer.cut.add(id);
    this.engine.controllers.clear();
  }

  /** The daemon is told to end, and with it everything of the swarm on its node. */
  stop(): void {
    this.agent.stop(() => undefined);
    this.engine.controllers.clear();
  }

  /** The daemon comes up again. */
  start(): void {
    this.agent = this.makeAgent();
    this.join();
  }

  assign(...ids: string[]): void {
    this.create('task', ...ids.map((id) => makeTask(id, { node: 'n1' })));
    for (const id of ids)
      this.change('task', id, (task) => ({
        ...task,
        status: { ...task.status, state: 'assigned' },
      }));
    this.time.advance(300);
  }

  desire(id: string, desiredState: Task['desiredState']): void {
    this.change('task', id, (task) => ({ ...task, desiredState }));
  }
}
