/** A client of the Engine API's socket that sends what it is told, over connections that it keeps. */
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { bodyFor, type DrawnCall, type Listed } from './api-calls.ts';
import type { HttpAnswer, TwinProcess } from './twin-process.ts';

const CONNECTIONS = 8;

interface Shown {
  readonly ID?: string;
  readonly Id?: string;
  readonly Name?: string;
  readonly Version?: { readonly Index?: number };
  readonly Spec?: { readonly Name?: string; readonly Mode?: unknown };
}

export class SocketClient {
  readonly #twin: TwinProcess;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  #things = new Map<Listed, readonly Shown[]>();
  calls = 0;

  constructor(twin: TwinProcess) {
    this.#twin = twin;
  }

  /** Looks what is there, for references to it. */
  async look(): Promise<void> {
    for (const list of ['services', 'nodes', 'tasks', 'secrets', 'configs', 'networks'] as const)
      this.#things.set(list, (await this.#twin.get(`/v1.45/${list}`)) as readonly Shown[]);
    this.#cluster = ((await this.#twin.get('/v1.45/swarm')) as Shown).Version?.Index ?? 0;
  }

  #cluster = 0;

  /** Rejects where no answer comes. */
  call(call: DrawnCall): Promise<HttpAnswer> {
    const { of, reference } = call;
    const things = of === null ? [] : (this.#things.get(of) ?? []);
    const found =
      'nth' in reference ? things[reference.nth % Math.max(1, things.length)] : undefined;
    const name = found?.Spec?.Name ?? found?.Name ?? '';
    const id = found?.ID ?? found?.Id ?? 'nothing';
    const forms = { id, name: encodeURIComponent(name), prefix: id.slice(0, 5) };
    const shown = 'text' in reference ? encodeURI(reference.text) : forms[reference.by];
    const version = String(found?.Version?.Index ?? this.#cluster);
    const query = call.query
      .map(([key, value]) => `${key}=${encodeURIComponent(value === 'newest' ? version : value)}`)
      .join('&');
    const path = `${call.version}${call.path.replace('{id}', shown)}${query === '' ? '' : `?${query}`}`;
    const body = Buffer.from(bodyFor(call.body, name, found?.Spec?.Mode), 'latin1');
    this.calls += 1;
    const headers = { ...call.headers, 'Content-Length': String(body.length) };
    return this.#twin.ask({ method: call.method, path, headers, body, agent: this.#agent });
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Sends bytes and tells what came back until the other side closed, or `quietMs` went by. */
export function exchange(
  to: { readonly port: number } | { readonly path: string },
  bytes: Uint8Array | string,
  quietMs = 300,
): Promise<string> {
  return new Promise((resolve) => {
    let said = '';
    const socket = connect(to);
    const end = (): void => {
      clearTimeout(late);
      socket.destroy();
      resolve(said);
    };
    const late = setTimeout(end, quietMs);
    socket.on('data', (part) => (said += part.toString('latin1')));
    socket.on('error', end);
    socket.on('close', end);
    socket.write(bytes);
  });
}
