/**
 * The Engine API of a simulated machine: the swarm's part is answered by the code that answers for the live twin, over the machine's node;
 * the plain container part shows the machine's simulated engine in the shapes that dockerd answers.
 */
import {
  DEFAULT_OPTIONS,
  type ApiOptions,
  type ApiRequest,
  type ApiResponse,
  parseTarget,
} from '../engine-api/api-message.ts';
import { handle, route } from '../engine-api/handler.ts';
import { mergeInfo, pingHeaders } from '../engine-api/info.ts';
import type { NetworkResolution, SwarmNodeView, SystemInterface } from '../engine-api/node-view.ts';
import type { ControlReplies, ControlRequest } from '../model/control.ts';
import { ok, type Done } from '../model/result.ts';
import type { Random } from '../model/random.ts';
import { answerPlain, ENGINE_NETWORKS } from './container-api.ts';
import type { Machine } from './machine.ts';
import type { EngineLine } from '../model/engines.ts';

/** What is known of a call before it is answered. */
export interface ApiQuestion {
  readonly method: string;
  /** Path and query, as they stand in a request line. */
  readonly target: string;
  /** JSON, or nothing. */
  readonly body: Uint8Array;
  /** Names in lower case; those of JSON unless given. */
  readonly headers?: Readonly<Record<string, string>>;
}

const JSON_TYPE = { 'Content-Type': 'application/json' };

export class MachineApi {
  readonly #machine: Machine;
  readonly #view: SwarmNodeView;
  readonly #options: ApiOptions;

  /** `line` is what the twin behaves like where engines differ. */
  constructor(machine: Machine, random: Random, line: EngineLine = '26.1') {
    this.#machine = machine;
    this.#options = DEFAULT_OPTIONS[line];
    this.#view = nodeView(machine, random, this.#options);
  }

  /** Answers once, or never where the node's process ends meanwhile. */
  ask(question: ApiQuestion, done: (response: ApiResponse) => void): void {
    const { method, target, body } = question;
    const ofJson = body.length === 0 ? {} : { 'content-type': 'application/json' };
    const { headers = ofJson } = question;
    const request: ApiRequest = { method, ...parseTarget(target), headers, body };
    const kind = route(request);
    if (kind === 'swarm') handle(this.#view, request, done, this.#options);
    else if (kind === 'info') this.#info(done);
    else if (kind === 'ping') done(this.#ping(method));
    else answerPlain(this.#machine.engine, this.#options, request, done);
  }

  #ping(method: string): ApiResponse {
    const headers = {
      'Api-Version': this.#options.apiVersion,
      ...pingHeaders(this.#view, this.#options.behaveLike),
    };
    return { status: 200, headers, body: method === 'HEAD' ? '' : 'OK' };
  }

  #info(done: (response: ApiResponse) => void): void {
    const { engine } = this.#machine;
    this.#view.info((result) => {
      if (result.ok) {
        const own = engineInfo(engine.description, this.#options);
        const merged = mergeInfo(own, result.value, this.#options.behaveLike);
        done({ status: 200, headers: JSON_TYPE, body: `${JSON.stringify(merged)}\n` });
      } else {
        const body = `${JSON.stringify({ message: result.error.text })}\n`;
        done({ status: 500, headers: JSON_TYPE, body });
      }
    });
  }
}

/** A process that starts anew is the same machine's node. */
function nodeView(machine: Machine, random: Random, options: ApiOptions): SwarmNodeView {
  return {
    random,
    localState: () => machine.node.localState(),
    role: () => machine.node.role(),
    managerReady: () => machine.node.managerReady(),
    certificatesExpired: () => false,
    nodeId: () => machine.node.nodeId(),
    interfaces: () => [cardOf(machine)],
    control: <R extends ControlRequest>(
      request: R,
      done: Done<ControlReplies[R['method']]>,
      budgetMs?: number,
    ): void => {
      machine.node.control(request, done, budgetMs);
    },
    logs: (request, sink) => {
      machine.node.logs(request, sink);
    },
    network: resolveNetwork,
    engine: (request, done) => {
      answerPlain(machine.engine, options, request, done);
    },
    init: (request, done) => {
      machine.node.init({ ...request, advertiseAddr: named(machine, request.advertiseAddr) }, done);
    },
    join: (request, done) => {
      machine.node.join({ ...request, advertiseAddr: named(machine, request.advertiseAddr) }, done);
    },
    unlock: (key, done) => {
      machine.node.unlock(key, done);
    },
    leave: (done) => {
      machine.node.leave(done);
    },
    info: (done) => {
      machine.node.info(done);
    },
  };
}

/** A machine's one network card has the machine's name, and an address that nothing but the Engine API speaks of. */
const cardOf = ({ name, ordinal }: Machine): SystemInterface => ({
  ...{ name, up: true, loopback: false, ofEngine: false },
  addresses: [addressOf(ordinal)],
});

const addressOf = (ordinal: number): string =>
  `10.${(ordinal + 1) >> 16}.${((ordinal + 1) >> 8) & 255}.${(ordinal + 1) & 255}`;

/** Machines know one another by their names: a machine's own address is its name again. */
const named = (machine: Machine, addr: string): string =>
  addr === `${addressOf(machine.ordinal)}:2377` ? machine.addr : addr;

/** A simulated engine has no networks but those of every engine, and the swarm has twins of these. */
function resolveNetwork(reference: string, done: Done<NetworkResolution>): void {
  const isOfEngine = ENGINE_NETWORKS.includes(reference);
  done(ok(isOfEngine ? { kind: 'local', name: reference } : { kind: 'unknown' }));
}

const engineInfo = (
  { hostname, resources }: Machine['engine']['description'],
  { engineVersion }: ApiOptions,
): Record<string, unknown> => ({
  Name: hostname,
  ServerVersion: engineVersion,
  OSType: 'linux',
  Architecture: 'x86_64',
  NCPU: resources.nanoCpus / 1e9,
  MemTotal: resources.memoryBytes,
  Driver: 'overlay2',
  CgroupVersion: '2',
  Swarm: {},
});
