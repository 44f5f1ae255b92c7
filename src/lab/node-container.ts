/** The two kinds of container a lab has, for testcontainers, with the parts it has no method for. */
import { GenericContainer, PullPolicy } from 'testcontainers';
import type { WaitStrategy } from 'testcontainers';
import { BOOT_COMMAND } from './boot-rules.ts';
import type { NodeRights } from './images/node-rights.ts';
import { TOXIPROXY_PORT } from './lab-plan.ts';
import type { Labels } from './labels.ts';

/** A container at a static address of the lab's network. Nothing else is ever attached to it, and no reaper of testcontainers' looks at it. */
class LabContainer extends GenericContainer {
  constructor(image: string, networkName: string, address: string) {
    super(image);
    this.withPullPolicy(PullPolicy.neverPull()).withAutoCleanup(false);
    this.withNetworkMode(networkName);
    this.createOpts.NetworkingConfig = {
      EndpointsConfig: { [networkName]: { IPAMConfig: { IPv4Address: address } } },
    };
    // A node's log is for people who look for a fault; it must not fill their disk.
    this.hostConfig.LogConfig = {
      Type: 'json-file',
      Config: { 'max-size': '20m', 'max-file': '2' },
    };
  }
}

export interface NodeContainerOptions {
  readonly image: string;
  readonly name: string;
  readonly hostname: string;
  readonly networkName: string;
  readonly address: string;
  readonly labels: Labels;
  /** The volume at /var/lib/docker. */
  readonly volume: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly readOnlyBinds: readonly { readonly source: string; readonly target: string }[];
  readonly rights: NodeRights;
}

/** A node: Docker-in-Docker with its data in a volume that survives kill and start. */
export class NodeContainer extends LabContainer {
  constructor(options: NodeContainerOptions, ready: () => Promise<void>) {
    super(options.image, options.networkName, options.address);
    this.withName(options.name)
      .withHostname(options.hostname)
      .withLabels(options.labels)
      .withEnvironment({ ...options.environment })
      .withEntrypoint([...BOOT_COMMAND])
      .withBindMounts([
        { source: options.volume, target: '/var/lib/docker', mode: 'rw' },
        ...options.readOnlyBinds.map((bind) => ({ ...bind, mode: 'ro' as const })),
      ])
      .withWaitStrategy(new ReadyWhen(ready));
    Object.assign(this.hostConfig, options.rights);
  }
}

/**
 * toxiproxy calls a link's target before it takes the link's next caller, and waits as long as the kernel does. A node that has just been killed is not yet gone
 * for the kernel, which asks it again for 134 s: for so long nobody else came through, long after the node was back. With one repetition it is 3 to 7 s.
 */
const SOON_LET_GO = { 'net.ipv4.tcp_syn_retries': '1' };

/** The proxy that every link runs through. */
export class ProxyContainer extends LabContainer {
  constructor(
    options: Pick<NodeContainerOptions, 'image' | 'name' | 'networkName' | 'address' | 'labels'> & {
      readonly keptVolumes: readonly string[];
    },
    ready: () => Promise<void>,
  ) {
    super(options.image, options.networkName, options.address);
    this.hostConfig.Sysctls = SOON_LET_GO;
    this.withName(options.name)
      .withHostname('toxiproxy')
      .withLabels(options.labels)
      .withCommand(['-host=0.0.0.0', `-port=${TOXIPROXY_PORT}`, '-proxy-metrics'])
      .withWaitStrategy(new ReadyWhen(ready));
    // A volume in memory lives as long as some container has it: this one keeps the disks of killed nodes.
    if (options.keptVolumes.length > 0)
      this.withBindMounts(
        options.keptVolumes.map((source) => ({ source, target: `/keep/${source}`, mode: 'ro' })),
      );
  }
}

/** Ready when a question of our own says so: the container's address is reachable, so no port needs publishing and no shell in the image. */
class ReadyWhen implements WaitStrategy {
  readonly #ready: () => Promise<void>;
  #timeoutMs = 60_000;
  #timeoutSet = false;

  constructor(ready: () => Promise<void>) {
    this.#ready = ready;
  }

  async waitUntilReady(): Promise<void> {
    await this.#ready();
  }

  withStartupTimeout(startupTimeoutMs: number): this {
    this.#timeoutMs = startupTimeoutMs;
    this.#timeoutSet = true;
    return this;
  }

  isStartupTimeoutSet(): boolean {
    return this.#timeoutSet;
  }

  getStartupTimeout(): number {
    return this.#timeoutMs;
  }
}
