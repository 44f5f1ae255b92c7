import type { Cluster, Node } from '../../model/objects.ts';
import type { Ports, Timer } from '../ports.ts';
import type { Store } from '../store.ts';
import type { Transaction } from '../transaction.ts';
import type { Authority, Issuer } from './authority.ts';

/** SwarmKit: nodes are told to renew in batches of 30, one every 3 s. */
const PERIOD_MS = 3000;
const BATCH = 30;

/** Moves every node to a new root, and the swarm with them once the last one has followed (SwarmKit: ca/reconciler). A node that is away holds it up. */
export class RootRotation {
  readonly #ports: Ports;
  readonly #store: Store;
  readonly #authority: Authority;
  #unwatch: (() => void) | null = null;
  #timer: Timer | null = null;
  /** The certificate that nodes are being moved to, or `''`. */
  #target = '';

  constructor(ports: Ports, store: Store, authority: Authority) {
    this.#ports = ports;
    this.#store = store;
    this.#authority = authority;
  }

  start(): void {
    this.#unwatch = this.#store.watch((events) => {
      if (events.some(({ kind }) => kind === 'cluster')) this.#follow();
    });
    this.#follow();
  }

  stop(): void {
    this.#unwatch?.();
    this.#unwatch = null;
    this.#timer?.cancel();
    this.#target = '';
  }

  #follow(): void {
    const target = this.#cluster()?.rootCa.rotation?.certificate ?? '';
    if (target === this.#target) return;
    this.#target = target;
    this.#timer?.cancel();
    // In a turn of its own: the watcher is called in the middle of a commit.
    if (target !== '') this.#after(0);
  }

  #after(delayMs: number): void {
    this.#timer = this.#ports.timers.after(delayMs, () => {
      this.#step();
    });
  }

  #step(): void {
    const issuer = this.#authority.issuerOf(this.#target);
    const behind = this.#store.read.all('node').filter((node) => !isIssuedBy(node, issuer));
    if (behind.length === 0) this.#finish();
    else this.#tell(behind.filter(isAtRest).slice(0, BATCH));
    this.#after(PERIOD_MS);
  }

  #tell(nodes: readonly Node[]): void {
    this.#store.batch(
      nodes.map(({ id }) => (transaction: Transaction) => {
        const node = transaction.get('node', id);
        if (node === undefined || !isAtRest(node)) return;
        const certificate = { ...node.certificate, state: 'rotate' as const };
        transaction.update('node', { ...node, certificate });
      }),
    );
  }

  #finish(): void {
    const target = this.#target;
    this.#store.update(
      (transaction) => {
        const [cluster] = transaction.all('cluster');
        const rotation = cluster?.rootCa.rotation;
        if (cluster === undefined || rotation?.certificate !== target) return false;
        transaction.update('cluster', this.#moved(cluster, rotation));
        return true;
      },
      (result) => {
        if (result.ok && result.value) this.#say('info', 'completed root rotation');
        else if (!result.ok)
          this.#say('warn', `could not complete root rotation: ${result.error.message}`);
      },
    );
  }

  #moved(
    cluster: Cluster,
    { certificate, key }: NonNullable<Cluster['rootCa']['rotation']>,
  ): Cluster {
    const { lastForcedRotation = 0 } = cluster.rootCa;
    const token = (): string => this.#authority.joinToken(certificate);
    return {
      ...cluster,
      rootCa: { certificate, key, lastForcedRotation },
      joinTokens: { worker: token(), manager: token() },
    };
  }

  #cluster(): Cluster | undefined {
    return this.#store.read.all('cluster')[0];
  }

  #say(level: 'info' | 'warn', message: string): void {
    this.#ports.log({ level, part: 'ca', message });
  }
}

/** Nothing is under way for its certificate. */
const isAtRest = ({ certificate }: Node): boolean =>
  certificate.state === 'issued' || certificate.state === 'failed';

const isIssuedBy = ({ description }: Node, issuer: Issuer): boolean =>
  description?.tls?.issuerSubject === issuer.subject &&
  description.tls.issuerPublicKey === issuer.publicKey;
