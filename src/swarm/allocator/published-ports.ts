import type { Service } from '../../model/objects.ts';
import type { PortConfig } from '../../model/specs.ts';

/** Ports that Swarm chooses itself, per protocol. */
const FIRST_DYNAMIC = 30_000;
const LAST_DYNAMIC = 32_767;

export const isIngress = (port: PortConfig): boolean =>
  (port.PublishMode ?? 'ingress') === 'ingress';

const protocolOf = (port: PortConfig): string => port.Protocol ?? 'tcp';

/** The ingress ports taken in the whole swarm, and by which service. Chosen ports are next-fit: the search goes on after the last one that was given. */
export class PublishedPorts {
  /** `tcp/8080` to the service that has it. */
  readonly #owners = new Map<string, string>();
  readonly #last = new Map<string, number>();

  /** Notes what a service already has, as after a change of leader. */
  adopt(service: Service): void {
    for (const port of service.endpoint?.ports ?? []) this.#take(service.id, port);
  }

  release(service: Service): void {
    for (const [key, owner] of this.#owners) if (owner === service.id) this.#owners.delete(key);
  }

  /**
   * The ports for a service's declaration, or null while one of them is another's or none is left. A chosen port stays with the same name, protocol
   * and target port (SwarmKit: portallocator).
   */
  allocate(service: Service): readonly PortConfig[] | null {
    this.release(service);
    const ports: PortConfig[] = [];
    for (const wanted of service.spec.EndpointSpec?.Ports ?? []) {
      const port = isIngress(wanted) ? this.#allocateOne(service, wanted) : wanted;
      if (port === null) {
        // What it had before is still in use by its tasks.
        this.release(service);
        this.adopt(service);
        return null;
      }
      ports.push(port);
    }
    return ports;
  }

  #allocateOne(service: Service, wanted: PortConfig): PortConfig | null {
    const number =
      (wanted.PublishedPort ?? 0) !== 0
        ? wanted.PublishedPort
        : (this.#previous(service, wanted) ?? this.#choose(protocolOf(wanted)));
    if (number === undefined || number === null) return null;
    const port: PortConfig = { ...wanted, PublishedPort: number };
    const owner = this.#owners.get(keyOf(port));
    if (owner !== undefined && owner !== service.id) return null;
    this.#take(service.id, port);
    return port;
  }

  #previous(service: Service, wanted: PortConfig): number | undefined {
    const same = (service.endpoint?.ports ?? []).find(
      (port) =>
        isIngress(port) &&
        port.Name === wanted.Name &&
        port.TargetPort === wanted.TargetPort &&
        protocolOf(port) === protocolOf(wanted) &&
        !this.#owners.has(keyOf(port)),
    );
    return same?.PublishedPort;
  }

  #choose(protocol: string): number | null {
    const size = LAST_DYNAMIC - FIRST_DYNAMIC + 1;
    const last = this.#last.get(protocol) ?? LAST_DYNAMIC;
    for (let step = 1; step <= size; step += 1) {
      const number = FIRST_DYNAMIC + ((last - FIRST_DYNAMIC + step) % size);
      if (this.#owners.has(`${protocol}/${number}`)) continue;
      this.#last.set(protocol, number);
      return number;
    }
    return null;
  }

  #take(owner: string, port: PortConfig): void {
    if (isIngress(port) && (port.PublishedPort ?? 0) !== 0) this.#owners.set(keyOf(port), owner);
  }
}

const keyOf = (port: PortConfig): string =>
  `${protocolOf(port)}/${String(port.PublishedPort ?? 0)}`;
