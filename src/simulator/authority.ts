import { SwarmError } from '../model/errors.ts';
import { clusterId, nodeId } from '../model/ids.ts';
import { failed, ok, type Done } from '../model/result.ts';
import type { Authority, Signer, SigningRequest } from '../swarm/manager/authority.ts';
import type { CertificateApi } from '../swarm/manager/remote.ts';
import type { Clock, Timers } from '../swarm/ports.ts';
import type { Enrolment, Identity, Validity } from '../swarm/node/node-ports.ts';

const HOUR_MS = 3_600_000;
const CALL_MS = 5000;
const STATUS_MS = 30_000;
/** SwarmKit: five tries, 2 s apart. */
const TRIES = 5;
const TRY_PAUSE_MS = 2000;
/** A token's form is the real one, but for its digest, which is the root's name. */
const ROOT_DIGITS = 50;
const SECRET_DIGITS = 25;
const TOKEN = /^SWMTKN-1-(?=[0-9a-z]{50}-)0*root(\w+)-[0-9a-z]{25}$/;
const DEFAULT_EXPIRY_NS = 2160 * HOUR_MS * 1_000_000;

/** What a certificate in a simulation says, as JSON. */
export interface Facts extends Validity {
  readonly nodeId: string;
  readonly role: 'manager' | 'worker';
  readonly clusterId: string;
  readonly root: string;
  /** The root that vouches for `root`, where the swarm is being moved to that one. */
  readonly by?: string;
}

export const factsOf = (certificate: string): Facts => JSON.parse(certificate) as Facts;

/** What whoever trusts that root says to a certificate at that time; null when nothing is wrong with it. */
export function whyNot(facts: Facts, trusted: string, now: number): string | null {
  if (facts.root !== trusted && facts.by !== trusted)
    return 'x509: certificate signed by unknown authority';
  if (now < facts.from || now > facts.to)
    return 'x509: certificate has expired or is not yet valid';
  return null;
}

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

  sign: Authority['sign'] = (signer, request, done) => {
    this.#later(() => {
      done(ok(this.#certificate(signer, request)));
    });
  };

  crossSign: Authority['crossSign'] = (by, _certificate, done) => {
    this.#later(() => {
      done(ok(by.certificate));
    });
  };

  /** There is nothing but machines of the swarm in a simulation. */
  signElsewhere: Authority['signElsewhere'] = (_where, _request, done) => {
    this.#later(() => {
      done(failed(new SwarmError('Unavailable', 'unable to perform certificate signing request')));
    });
  };

  reachesAny: Authority['reachesAny'] = (_where, done) => {
    this.#later(() => {
      done(false);
    });
  };

  checkRoot: Authority['checkRoot'] = (root) => root;

  issuerOf: Authority['issuerOf'] = (certificate) => ({
    subject: 'swarm-ca',
    publicKey: certificate,
  });

  issuer: Enrolment['issuer'] = ({ certificate }) => this.issuerOf(factsOf(certificate).root);

  unlockKey(): string {
    return `key-${this.#draw()}`;
  }

  joinToken(rootCertificate: string): string {
    const root = rootCertificate.replace('-', '').padStart(ROOT_DIGITS, '0');
    return `SWMTKN-1-${root}-${this.#draw().padStart(SECRET_DIGITS, '0')}`;
  }

  sameToken(a: string, b: string): boolean {
    return a === b;
  }

  selfSign: Enrolment['selfSign'] = (root, id, cluster, done) => {
    const csr = `csr-${this.#draw()}`;
    const request = { csr, nodeId: id, role: 'manager', clusterId: cluster } as const;
    const certificate = this.#certificate(root, { ...request, expiry: DEFAULT_EXPIRY_NS });
    this.#later(() => {
      done(ok({ ...identityOf(certificate, root.certificate), csr }));
    });
  };

  join: Enrolment['join'] = ({ remoteAddr, joinToken, availability }, done) => {
    const root = `root-${TOKEN.exec(joinToken)?.[1] ?? ''}`;
    if (!TOKEN.test(joinToken)) {
      done(failed(new SwarmError('Unknown', 'invalid join token', 'facade')));
      return;
    }
    const request = { csr: `csr-${this.#draw()}`, token: joinToken, availability, addr: '' };
    this.#enrol(remoteAddr, request, root, done);
  };

  renew: Enrolment['renew'] = ({ rootCa }, managers, done) => {
    this.renewals.push(this.#ports.clock.now());
    const request = { csr: `csr-${this.#draw()}`, token: '', availability: 'active', addr: '' };
    const next = (at: number, last: SwarmError): void => {
      const peer = managers[at];
      if (peer === undefined) {
        done(failed(last));
        return;
      }
      this.#enrol(peer.addr, { ...request, availability: 'active' }, rootCa, (result) => {
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
    trusted: string,
    done: Done<Identity>,
    tries = TRIES,
  ): void {
    const { ask, timers } = this.#ports;
    ask<{ readonly nodeId: Identity['nodeId'] }>(
      addr,
      CALL_MS,
      (services, caller, answer) => {
        services.issue(caller, request, answer);
      },
      (issued) => {
        if (issued.ok) this.#await(addr, issued.value.nodeId, trusted, done);
        else if (tries > 1 && isPassing(issued.error))
          timers.after(TRY_PAUSE_MS, () => {
            this.#enrol(addr, request, trusted, done, tries - 1);
          });
        else done(issued);
      },
    );
  }

  #await(addr: string, id: Identity['nodeId'], trusted: string, done: Done<Identity>): void {
    this.#ports.ask<string>(
      addr,
      STATUS_MS,
      (services, _caller, answer) => {
        services.status(id, (result) => {
          answer(result.ok ? ok(result.value.certificate) : result);
        });
      },
      (result) => {
        done(result.ok ? ok(identityOf(result.value, trusted)) : result);
      },
    );
  }

  /** An hour back, as SwarmKit does for clocks that differ. */
  #certificate({ certificate: root, crossSigned: by }: Signer, request: SigningRequest): string {
    const now = this.#ports.clock.now();
    const { nodeId: id, role, clusterId: cluster, expiry } = request;
    const to = now + expiry / 1_000_000;
    const facts: Facts = { nodeId: id, role, clusterId: cluster, root, from: now - HOUR_MS, to };
    return JSON.stringify(by === undefined ? facts : { ...facts, by });
  }

  #draw(): string {
    this.#drawn += 1;
    return String(this.#drawn);
  }

  #later(answer: () => void): void {
    this.#ports.timers.after(this.signingMs, answer);
  }
}

/** As the real driver: what a manager refuses for good is not asked again. */
const isPassing = ({ code, message }: SwarmError): boolean =>
  (code === 'Unavailable' && !message.includes('connection refused')) ||
  code === 'DeadlineExceeded';

function identityOf(certificate: string, rootCa: string): Identity {
  const { nodeId: id, clusterId: cluster, role } = factsOf(certificate);
  return {
    nodeId: nodeId(id),
    clusterId: clusterId(cluster),
    role,
    certificate,
    key: 'key',
    rootCa,
  };
}
