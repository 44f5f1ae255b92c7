/** Moves managers of one swarm to other addresses, and tells what was seen in words that are the same for every swarm. */
import { setTimeout as pause } from 'node:timers/promises';
import { createLab } from '../../src/lab/create-lab.ts';
import type { LabOptions } from '../../src/lab/lab.ts';
import { messageOf } from '../../src/model/errors.ts';
import { CLAIMS } from './claims.ts';
import { MovingNode, type Answered } from './moving-node.ts';

export const SUBJECTS = ['swarm', 'twin'] as const;
export type Subject = (typeof SUBJECTS)[number];
/** What was seen, by the titles of the claims; those that a play which broke off did not come to have its reason. */
export type Seen = ReadonlyMap<string, string>;

interface SeenNode {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly Spec: { readonly Role: string };
  readonly Description?: { readonly Hostname?: string };
  readonly Status: { readonly State: string; readonly Addr: string };
  readonly ManagerStatus?: { readonly Reachability: string; readonly Addr: string };
}

/** A manager that nobody reaches is asked for again and again; so long it is looked at. */
const PATIENCE_MS = 15_000;
/** A node that was removed from raft takes up to two minutes until it has the certificate of its role. */
const SETTLE_MS = 150_000;
const LOOK_MS = 250;

export async function playMove(
  subject: Subject,
  basics: Pick<LabOptions, 'engine' | 'images' | 'rights' | 'twin'>,
  say: (line: string) => void,
): Promise<Seen> {
  const name = `moved-manager-${subject}-${process.pid}`;
  const lab = await createLab({ ...basics, name, subject, managers: 3, workers: 0 });
  try {
    const [n1, n2, n3] = lab.nodes.map((node) => new MovingNode(node));
    if (n1 === undefined || n2 === undefined || n3 === undefined) throw new Error('three nodes');
    const titles = CLAIMS.map(({ title }) => title);
    const seen = new Map<string, string>();
    const move = new Move([n1, n2, n3], (what) => {
      const title = titles[seen.size] ?? 'more than is claimed';
      seen.set(title, what);
      say(`${subject}, engine ${basics.engine}: ${title}: ${what}`);
    });
    try {
      await move.play();
    } catch (caught) {
      for (const title of titles)
        if (!seen.has(title)) seen.set(title, `broke off: ${messageOf(caught)}`);
    }
    return seen;
  } finally {
    await lab.down();
  }
}

class Move {
  readonly #n1: MovingNode;
  readonly #n2: MovingNode;
  readonly #n3: MovingNode;
  /** Takes what is seen, in the order of the claims. */
  readonly #note: (seen: string) => void;

  constructor(
    [n1, n2, n3]: readonly [MovingNode, MovingNode, MovingNode],
    note: (seen: string) => void,
  ) {
    [this.#n1, this.#n2, this.#n3] = [n1, n2, n3];
    this.#note = note;
  }

  async play(): Promise<void> {
    for (const node of [this.#n1, this.#n2, this.#n3]) await node.withoutProxies();
    const at = (node: MovingNode): string => `${node.address}:2377`;
    await this.#must(this.#n1, '/swarm/init', {
      ...{ ListenAddr: '0.0.0.0:2377', AdvertiseAddr: at(this.#n1) },
    });
    await this.#join(this.#n2, { AdvertiseAddr: at(this.#n2) });
    await this.#join(this.#n3, {});
    for (const node of [this.#n2, this.#n3]) await this.#wait(node, isReached);
    await this.#moved(this.#n3, 203);
    await this.#reachedAgain(this.#n3);
    await this.#moved(this.#n2, 202);
    await this.#joinedAnew(this.#n2);
  }

  /** The machine is at another address: who knows of it, and who does not. Then it is made a worker, and knows it. */
  async #moved(node: MovingNode, last: number): Promise<void> {
    await node.move(node.first.replace(/\d+$/, String(last)));
    const isDecided = ({ Status, ManagerStatus }: SeenNode): boolean =>
      ManagerStatus?.Reachability === 'unreachable' &&
      (Status.State === 'down' || (Status.State === 'ready' && Status.Addr === node.address));
    this.#note(await this.#settled(node, isDecided));
    // Who asks within ten ticks of its start waits 20 s, in case a leader comes.
    await node.until('it has given up', '/nodes', isRefused);
    this.#note(said(await node.call('GET', '/nodes')));
    const made = await this.#n1.call('POST', '/services/create', serviceCalled(`at-${node.name}`));
    this.#note(String(made.status));
    await this.#role(node, 'worker');
    await node.until('it knows that it is a worker', '/info', isWorker);
    this.#note(
      await this.#settled(
        node,
        ({ Status, ManagerStatus }) => Status.State === 'ready' && ManagerStatus === undefined,
      ),
    );
  }

  async #reachedAgain(node: MovingNode): Promise<void> {
    await this.#role(node, 'manager');
    this.#note(await this.#settled(node, isReached));
    await node.until('it answers for the swarm', '/nodes', ({ status }) => status === 200);
    this.#note(said(await node.call('GET', '/nodes')));
  }

  /** It is made a manager in vain, leaves, is removed, and joins from where it is now. */
  async #joinedAnew(node: MovingNode): Promise<void> {
    await this.#role(node, 'manager');
    await pause(PATIENCE_MS);
    this.#note(await this.#settled(node, () => true));
    this.#note(said(await node.call('POST', '/swarm/leave?force=true')));
    const { ID } = await this.#wait(node, () => true);
    this.#note(said(await this.#n1.call('DELETE', `/nodes/${ID}?force=true`)));
    await this.#join(node, { AdvertiseAddr: `${node.address}:2377` });
    this.#note(await this.#settled(node, isReached));
  }

  async #join(node: MovingNode, more: object): Promise<void> {
    const { body } = await this.#n1.call('GET', '/swarm');
    const { JoinTokens } = body as { readonly JoinTokens: { readonly Manager: string } };
    await this.#must(node, '/swarm/join', {
      ...{ ListenAddr: '0.0.0.0:2377', RemoteAddrs: [`${this.#n1.address}:2377`] },
      ...{ JoinToken: JoinTokens.Manager, ...more },
    });
  }

  async #role(node: MovingNode, Role: string): Promise<void> {
    const { ID, Version, Spec } = await this.#wait(node, () => true);
    await this.#must(this.#n1, `/nodes/${ID}/update?version=${Version.Index}`, { ...Spec, Role });
  }

  /** How the leader shows it once that is as it is waited for, or as it is after a while. */
  async #settled(node: MovingNode, wanted: (seen: SeenNode) => boolean): Promise<string> {
    const give = performance.now() + SETTLE_MS;
    let seen = await this.#wait(node, () => true);
    while (!wanted(seen) && performance.now() < give) {
      await pause(LOOK_MS);
      seen = await this.#wait(node, () => true);
    }
    const { Spec, Status, ManagerStatus } = seen;
    const manager =
      ManagerStatus === undefined
        ? 'no manager'
        : `${ManagerStatus.Reachability} at ${where(node, ManagerStatus.Addr)}`;
    return `${Spec.Role}, ${Status.State} at ${where(node, Status.Addr)}, ${manager}`;
  }

  async #wait(node: MovingNode, wanted: (seen: SeenNode) => boolean): Promise<SeenNode> {
    const find = ({ status, body }: Answered): SeenNode | undefined =>
      status === 200
        ? (body as readonly SeenNode[]).find((each) => isOf(node, each) && wanted(each))
        : undefined;
    const answer = await this.#n1.until(
      `the leader sees ${node.name} so`,
      '/nodes',
      (each) => find(each) !== undefined,
    );
    const found = find(answer);
    if (found === undefined) throw new Error('seen a moment ago');
    return found;
  }

  async #must(node: MovingNode, path: string, body: unknown): Promise<void> {
    const answer = await node.call('POST', path, body);
    if (answer.status !== 200) throw new Error(`${node.name} ${path}: ${JSON.stringify(answer)}`);
  }
}

const isOf = ({ name }: MovingNode, { Description }: SeenNode): boolean =>
  Description?.Hostname === name;

const isReached = ({ Status, ManagerStatus }: SeenNode): boolean =>
  Status.State === 'ready' && ManagerStatus?.Reachability === 'reachable';

const isRefused = (answer: Answered): boolean => said(answer).includes('does not have a leader');

const isWorker = ({ body }: Answered): boolean => {
  const { Swarm } = body as {
    readonly Swarm?: { readonly LocalNodeState: string; readonly ControlAvailable: boolean };
  };
  return Swarm?.LocalNodeState === 'active' && !Swarm.ControlAvailable;
};

const where = ({ address, first }: MovingNode, text: string): string =>
  text.replaceAll(address, 'new').replaceAll(first, 'old');

/** The status, and of a refusal its text. */
const said = ({ status, body }: Answered): string => {
  const text = (body as { readonly message?: string } | '') || {};
  return `${status}${text.message === undefined ? '' : ` ${text.message}`}`;
};

const serviceCalled = (Name: string): object => ({
  Name,
  TaskTemplate: { ContainerSpec: { Image: 'swarmtwin/workload:v1' } },
});
