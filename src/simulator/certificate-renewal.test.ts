import { describe, expect, test } from '@jest/globals';
import { SwarmError } from '../model/errors.ts';
import { clusterId, nodeId } from '../model/ids.ts';
import { createRandom } from '../model/random.ts';
import { failed, ok, type Done } from '../model/result.ts';
import { DEFAULT_SWARM_SPEC } from '../model/specs.ts';
import { VirtualTime } from '../swarm/virtual-time.ts';
import { CertificateRenewal } from '../swarm/node/certificate-renewal.ts';
import type { Identity, Validity } from '../swarm/node/node-ports.ts';
import { factsOf } from './authority.ts';
import { World } from './world.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** A node with a certificate for 90 days that an authority renews, or does not. */
class Bench {
  readonly time = new VirtualTime();
  /** When a certificate was asked for, from the beginning. */
  readonly asked: number[] = [];
  readonly begin = this.time.now;
  identity: Identity = {
    nodeId: nodeId('n'),
    clusterId: clusterId('c'),
    role: 'worker',
    certificate: '',
    key: '',
    rootCa: '',
  };
  validity: Validity | null;
  /** The role that the leader has on record. */
  role: Identity['role'] = 'worker';
  isUp = true;
  readonly renewal: CertificateRenewal;

  constructor(seed = 'renewal', lifeMs = 90 * DAY_MS) {
    this.validity = { from: this.begin, to: this.begin + lifeMs };
    const ports = {
      clock: { now: () => this.time.now },
      timers: this.time,
      random: createRandom(seed),
      log: () => undefined,
    };
    this.renewal = new CertificateRenewal(ports, {
      enrolment: {
        renew: (_current, _managers, done) => {
          this.#renew(lifeMs, done);
        },
        validity: () => this.validity,
      },
      identity: () => this.identity,
      managers: () => [],
      renewed: (identity) => {
        this.identity = identity;
      },
    });
  }

  #renew(lifeMs: number, done: Done<Identity>): void {
    this.asked.push(this.time.now - this.begin);
    if (!this.isUp) {
      done(failed(new SwarmError('Unavailable', 'nobody there')));
      return;
    }
    this.validity = { from: this.time.now, to: this.time.now + lifeMs };
    done(ok({ ...this.identity, role: this.role }));
  }
}

describe('a certificate', () => {
  test('is renewed between half and four fifths of its life, not always at the same instant', () => {
    const first = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((seed) => {
      const bench = new Bench(seed);
      bench.time.advance(72 * DAY_MS);
      return bench.asked[0] ?? 0;
    });
    for (const at of first) {
      expect(at).toBeGreaterThanOrEqual(45 * DAY_MS);
      expect(at).toBeLessThanOrEqual(72 * DAY_MS);
    }
    expect(Math.max(...first) - Math.min(...first)).toBeGreaterThan(5 * DAY_MS);
  });

  test('is renewed again and again', () => {
    const bench = new Bench();
    bench.time.advance(360 * DAY_MS);
    expect(bench.asked.length).toBeGreaterThanOrEqual(5);
    expect(bench.asked.length).toBeLessThanOrEqual(8);
  });

  test('that cannot be read is renewed after five minutes', () => {
    const bench = new Bench();
    bench.validity = null;
    bench.renewal.expect('manager');
    bench.renewal.expect('worker');
    bench.time.advance(299_999);
    expect(bench.asked).toEqual([]);
    bench.time.advance(1);
    expect(bench.asked).toEqual([300_000]);
  });

  test('that could not be renewed is tried again after waits that grow to an hour', () => {
    const bench = new Bench();
    bench.isUp = false;
    bench.time.advance(72 * DAY_MS);
    const waits = bench.asked.slice(1).map((at, n) => at - (bench.asked[n] ?? 0));
    expect(waits[0]).toBeLessThan(10_000);
    expect(Math.max(...waits)).toBeGreaterThan(HOUR_MS / 2);
    expect(Math.max(...waits)).toBeLessThanOrEqual(HOUR_MS);
    bench.isUp = true;
    bench.time.advance(HOUR_MS);
    const tries = bench.asked.length;
    bench.time.advance(40 * DAY_MS);
    expect(bench.asked).toHaveLength(tries);
  });

  test('never keeps a timer longer than a real one can be set', () => {
    const bench = new Bench();
    const after = bench.time.after.bind(bench.time);
    const delays: number[] = [];
    bench.time.after = (delayMs, callback) => {
      delays.push(delayMs);
      return after(delayMs, callback);
    };
    bench.time.advance(100 * DAY_MS);
    expect(Math.max(...delays)).toBeLessThanOrEqual(DAY_MS);
  });
});

describe('a changed role', () => {
  test('brings a new certificate half a second later, and only one', () => {
    const bench = new Bench();
    bench.role = 'manager';
    bench.renewal.expect('manager');
    bench.renewal.expect('manager');
    bench.time.advance(499);
    expect(bench.asked).toEqual([]);
    bench.time.advance(30 * DAY_MS);
    expect(bench.asked).toEqual([500]);
    expect(bench.identity.role).toBe('manager');
  });

  test('is asked for until the certificate says it', () => {
    const bench = new Bench();
    bench.renewal.expect('manager');
    bench.time.advance(20_000);
    expect(bench.asked.length).toBeGreaterThan(1);
    bench.role = 'manager';
    bench.time.advance(120_000);
    expect(bench.identity.role).toBe('manager');
    const tries = bench.asked.length;
    bench.time.advance(DAY_MS);
    expect(bench.asked).toHaveLength(tries);
  });

  test('that is taken back is not asked for', () => {
    const bench = new Bench();
    bench.renewal.expect('manager');
    bench.time.advance(100);
    bench.renewal.expect('worker');
    bench.time.advance(DAY_MS);
    expect(bench.asked).toEqual([]);
  });
});

describe('in a swarm', () => {
  const NodeCertExpiry = HOUR_MS * 1_000_000;
  const hourly = (swarm: World): void => {
    const { meta, spec } = swarm.control(swarm.leader(), { method: 'get-cluster' });
    swarm.control(swarm.leader(), {
      method: 'update-cluster',
      version: meta.version,
      spec: { ...spec, CAConfig: { ...spec.CAConfig, NodeCertExpiry } },
      rotateWorkerToken: false,
      rotateManagerToken: false,
    });
  };

  test('every node gets a new certificate in time, and no session and no task notices', () => {
    const swarm = new World('renewed');
    const { CAConfig } = DEFAULT_SWARM_SPEC;
    swarm.init('m1', { ...DEFAULT_SWARM_SPEC, CAConfig: { ...CAConfig, NodeCertExpiry } });
    hourly(swarm);
    swarm.join('w1', 'worker');
    swarm.createService('web', 2);
    swarm.until('both run', () => swarm.running('web').length === 2);
    const { process, node } = swarm.machine('w1');
    const first = process.identity?.certificate ?? '';
    const id = node.nodeId();
    const lines = swarm.lines.length;
    swarm.advance(HOUR_MS);
    const now = process.identity?.certificate ?? '';
    expect(now).not.toBe(first);
    expect(factsOf(now).to).toBeGreaterThan(factsOf(first).to);
    expect(node.nodeId()).toBe(id);
    expect(swarm.nodeOf('w1').certificate).toMatchObject({ state: 'issued', certificate: now });
    const noticed = swarm.lines
      .slice(lines)
      .filter(({ message }) => !message.startsWith('certificate renewed'));
    expect(noticed).toEqual([]);
    expect(swarm.tasks('web')).toHaveLength(2);
    expect(swarm.machine('w1').disk.load()?.identity.certificate).toBe(now);
  });

  test('a node that was removed is told so when it asks for a new certificate', () => {
    const swarm = World.of(1, 1);
    const id = swarm.machine('w1').node.nodeId();
    const asked = swarm.asking('m1', { method: 'remove-node', ref: id, force: true });
    swarm.until('removed', () => asked.result !== null);
    const api = swarm.machine('m1').node.services?.certificates;
    const request = { csr: 'csr', token: '', availability: 'active', addr: '' } as const;
    expect(() =>
      swarm.wait((done: Done<{ readonly nodeId: Identity['nodeId'] }>) => {
        api?.issue(nodeId(id), request, done);
      }),
    ).toThrow(`node ${id} not found when attempting to renew certificate`);
  });

  test('a certificate that nobody signs is signed when the authority can', () => {
    const swarm = World.of(1);
    const { authority } = swarm.machine('m1').process;
    const { sign } = authority;
    authority.sign = (_root, _request, done) => {
      done(failed(new SwarmError('Unavailable', 'later')));
    };
    const token = swarm.token('worker');
    const asked = swarm.ask<null>((done) => {
      swarm.askToJoin('w1', token, 'm1', done);
    });
    swarm.advance(3000);
    expect(asked.result).toBeNull();
    authority.sign = sign;
    swarm.until('joined', () => asked.result?.ok === true, 11_000);
  });
});

test('a swarm that names no expiry gives certificates for 90 days', () => {
  const swarm = World.of(1, 0, 'no expiry');
  const { meta, spec } = swarm.control('m1', { method: 'get-cluster' });
  const CAConfig = { ...spec.CAConfig, NodeCertExpiry: 0 };
  swarm.control('m1', {
    method: 'update-cluster',
    version: meta.version,
    spec: { ...spec, CAConfig },
    rotateWorkerToken: false,
    rotateManagerToken: false,
  });
  swarm.join('w1', 'worker');
  const { certificate } = swarm.nodeOf('w1').certificate;
  expect(factsOf(certificate).to).toBeGreaterThan(swarm.time.now + 89 * DAY_MS);
});
