import { SwarmError } from '../model/errors.ts';
import { clusterId, nodeId } from '../model/ids.ts';
import { failed, ok, type Done } from '../model/result.ts';
import type { Authority, SigningRequest } from '../swarm/manager/authority.ts';
import type { CertificateApi } from '../swarm/manager/remote.ts';
import type { Clock, Timers } from '../swarm/ports.ts';
import type { Enrolment, Identity, Validity } from '../swarm/node/node-ports.ts';

const HOUR_MS = 3_600_000;
const CALL_MS = 5000;
const STATUS_MS = 30_000;
const DEFAULT_EXPIRY_NS = 2160 * HOUR_MS * 1_000_000;

/** What a certificate in a simulation says, as JSON. */
interface Facts extends Validity {
  readonly nodeId: string;
  readonly role: 'manager' | 'worker';
  readonly clusterId: string;
  readonly root: string;
}

export const factsOf = (certificate: string): Facts => JSON.parse(certificate) as Facts;

/** A call of a node's to the certificate services behind an address. */
export type AskCertificates = <T>(
  addr: string,
  deadlineMs: number,
  ask: (services: CertificateApi, caller: Identity['nodeId'] | null, answer: Done<T>) => void,
  done: Done<T>,
) => void;

interface AuthorityPorts {
  readonly clock: Clock;
  readonly timers: Timers;
  /** With the identity in force. */
  readonly ask: AskCertificates;
}

/** certificates that are plain text, and keys that are names. Everything about them is decided as with real ones. */
export class SimulatedAuthority implements Authority, Enrolment {
  /** How long a signature takes. */
  signingMs = 2;
  /** Renewals that were asked for, by time. */
  readonly renewals: number[] = [];
  readonly #ports: AuthorityPorts;
  #drawn = 0;

  constructor(ports: AuthorityPorts) {
    this.#ports = ports;
  }

  createRoot: Authority['createRoot'] = (done) => {
    const root = { certificate: `root-${this.#draw()}`, key: 'root-key' };
    this.#later(() => {
      done(ok(root));
    });
  };

  sign: Authority['sign'] = (root, request, done) => {
    this.#later(() => {
      done(ok(this.#certificate(root.certificate, request)));
    });
  };

  joinToken(rootCertificate: string): string {
    return `SWMTKN-1-${rootCertificate}-${this.#draw()}`;
  }

  sameToken(a: string, b: string): boolean {
    return a === b;
  }

  selfSign: Enrolment['selfSign'] = (root, id, cluster, done) => {
    const csr = `csr-${this.#draw()}`;
    const request = { csr, nodeId: id, role: 'manager', clusterId: cluster } as const;
    const certificate = this.#certificate(root.certificate, {
      ...request,
      expiry: DEFAULT_EXPIRY_NS,
    });
    this.#later(() => {
      done(ok({ ...identityOf(certificate), csr }));
    });
  };

  join: Enrolment['join'] = ({ remoteAddr, joinToken, availability }, done) => {
    const root = /^SWMTKN-1-(root-.+)-\w+$/.exec(joinToken)?.[1];
    if (root === undefined) {
      done(failed(new SwarmError('Unknown', 'invalid join token', 'facade')));
      return;
    }
    const request = { csr: `csr-${this.#draw()}`, token: joinToken, availability, addr: '' };
    this.#enrol(remoteAddr, request, done);
  };

  renew: Enrolment['renew'] = (_current, managers, done) => {
    this.renewals.push(this.#ports.clock.now());
    const request = { csr: `csr-${this.#draw()}`, token: '', availability: 'active', addr: '' };
    const next = (at: number, last: SwarmError): void => {
      const peer = managers[at];
      if (peer === undefined) {
        done(failed(last));
        return;
      }
      this.#enrol(peer.addr, { ...request, availability: 'active' }, (result) => {
        if (result.ok) done(result);
        else next(at + 1, result.error);
      });
    };
    next(0, new SwarmError('Unavailable', 'no manager is known'));
  };

  validity(identity: Identity): Validity | null {
    return factsOf(identity.certificate);
  }

  #enrol(
    addr: string,
    request: Parameters<CertificateApi['issue']>[1],
    done: Done<Identity>,
  ): void {
    const { ask } = this.#ports;
    ask<{ readonly nodeId: Identity['nodeId'] }>(
      addr,
      CALL_MS,
      (services, caller, answer) => {
        services.issue(caller, request, answer);
      },
      (issued) => {
        if (!issued.ok) done(issued);
        else this.#await(addr, issued.value.nodeId, done);
      },
    );
  }

  #await(addr: string, id: Identity['nodeId'], done: Done<Identity>): void {
    this.#ports.ask<string>(
      addr,
      STATUS_MS,
      (services, _caller, answer) => {
        services.status(id, (result) => {
          answer(result.ok ? ok(result.value.certificate) : result);
        });
      },
      (result) => {
        done(result.ok ? ok(identityOf(result.value)) : result);
      },
    );
  }

  /** An hour back, as SwarmKit does for clocks that differ. */
  #certificate(root: string, request: SigningRequest): string {
    const now = this.#ports.clock.now();
    const { nodeId: id, role, clusterId: cluster, expiry } = request;
    const to = now + expiry / 1_000_000;
    const facts: Facts = { nodeId: id, role, clusterId: cluster, root, from: now - HOUR_MS, to };
    return JSON.stringify(facts);
  }

  #draw(): string {
    this.#drawn += 1;
    return String(this.#drawn);
  }

  #later(answer: () => void): void {
    this.#ports.timers.after(this.signingMs, answer);
  }
}

function identityOf(certificate: string): Identity {
  const { nodeId: id, clusterId: cluster, role, root } = factsOf(certificate);
  return {
    nodeId: nodeId(id),
    clusterId: clusterId(cluster),
    role,
    certificate,
    key: 'key',
    rootCa: root,
  };
}
