/** The toxiproxy of a lab: its links, their toxics, its byte counters. */
import { Proxy, Toxic, Toxiproxy } from 'toxiproxy-node-client';
import type { ICreateToxicBody } from 'toxiproxy-node-client';
import { SwarmtwinError } from '../model/errors.ts';
import { within } from './engine/deadline.ts';
import { TOXIPROXY_PORT, linkProxies } from './lab-plan.ts';
import type { LabPlan } from './lab-plan.ts';
import type { PlannedToxic } from './link-fault-plan.ts';

const DEADLINE_MS = 10_000;
const NEXT = 'Look at the proxy with `docker logs` and try `swarmtwin lab heal`.';

/** A toxic as the proxy tells it. */
export interface SeenToxic {
  readonly proxy: string;
  readonly name: string;
  readonly stream: string;
  readonly type: string;
}

/** Bytes the proxy has passed on, per proxy and stream. It adds a connection's bytes when the connection ends. */
export type ByteCounters = ReadonlyMap<string, number>;

type SeenProxy = ConstructorParameters<typeof Proxy>[1];

export class LinkProxies {
  readonly #client: Toxiproxy;

  constructor(address: string) {
    this.#client = new Toxiproxy(`http://${address}:${TOXIPROXY_PORT}`);
  }

  /** Whether the proxy answers. */
  async version(): Promise<string> {
    return this.#ask('asking the proxy for its version', this.#client.getVersion(), 1000);
  }

  /** Makes the proxies of all links in one call. */
  async open(plan: LabPlan): Promise<void> {
    const bodies = linkProxies(plan).map((proxy) => ({ ...proxy, enabled: true }));
    if (bodies.length > 0) await this.#ask('opening the links', this.#client.populate(bodies));
  }

  /** Adds toxics to their proxies, all at once. */
  async add(toxics: readonly PlannedToxic[]): Promise<void> {
    const proxies = await this.#proxies();
    await Promise.all(
      toxics.map(async ({ proxy, ...toxic }) => {
        const body: ICreateToxicBody<unknown> = { ...toxic, toxicity: 1 };
        await this.#ask(
          `adding ${toxic.name} to link ${proxy}`,
          this.#proxy(found(proxies, proxy)).addToxic(body),
        );
      }),
    );
  }

  /** Removes toxics by name; those that are gone already are fine. */
  async remove(toxics: readonly PlannedToxic[]): Promise<void> {
    const proxies = await this.#proxies();
    await Promise.all(
      toxics.map(async ({ proxy: link, name }) => {
        const proxy = found(proxies, link);
        const there = proxy.toxics.find((toxic) => toxic.name === name);
        if (there === undefined) return;
        const toxic = new Toxic(this.#client.api, this.#proxy(proxy).getPath(), there);
        await this.#ask(`removing ${name} from link ${link}`, toxic.remove());
      }),
    );
  }

  /** Every toxic there is. */
  async toxics(): Promise<readonly SeenToxic[]> {
    return Object.values(await this.#proxies()).flatMap((proxy) =>
      proxy.toxics.map(({ name, stream, type }) => ({ proxy: proxy.name, name, stream, type })),
    );
  }

  /** Removes every toxic of every link. */
  async reset(): Promise<void> {
    await this.#ask('removing all toxics', this.#client.reset());
  }

  /** Bytes delivered so far: keys `PROXY/STREAM`. */
  async deliveredBytes(): Promise<ByteCounters> {
    const text = await this.#ask(
      "reading the proxy's counters",
      this.#client.api.getText(`${this.#client.host}/metrics`),
    );
    return parseSentBytes(text);
  }

  /** The client's own list forgets the toxics that the proxy tells with each link, so the answer is read as it is. */
  async #proxies(): Promise<Readonly<Record<string, SeenProxy>>> {
    const answer = await this.#ask(
      'listing the links',
      this.#client.api.get<Readonly<Record<string, SeenProxy>>>(`${this.#client.host}/proxies`),
    );
    return answer.data;
  }

  #proxy(seen: SeenProxy): Proxy {
    return new Proxy(this.#client, seen);
  }

  async #ask<T>(tried: string, work: Promise<T>, deadlineMs = DEADLINE_MS): Promise<T> {
    try {
      return await within(deadlineMs, tried, work);
    } catch (error) {
      throw SwarmtwinError.from(error, 'lab-failed', tried, NEXT);
    }
  }
}

function found<T>(proxies: Readonly<Record<string, T>>, name: string): T {
  const proxy = proxies[name];
  if (proxy === undefined)
    throw new SwarmtwinError('lab-failed', `the proxy has no link ${name}`, NEXT);
  return proxy;
}

/** Reads `toxiproxy_proxy_sent_bytes_total` out of Prometheus' text form. */
export function parseSentBytes(text: string): ByteCounters {
  const counters = new Map<string, number>();
  for (const line of text.split('\n')) {
    const match = /^toxiproxy_proxy_sent_bytes_total\{(.*)\} (\S+)$/.exec(line);
    if (match?.[1] === undefined) continue;
    const label = (name: string): string =>
      new RegExp(`${name}="([^"]*)"`).exec(match[1] ?? '')?.[1] ?? '';
    counters.set(`${label('proxy')}/${label('direction')}`, Number(match[2]));
  }
  return counters;
}
