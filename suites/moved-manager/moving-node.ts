/** A node of a lab whose machine can get another address. It speaks to the others directly: what a proxy passes on would come from the proxy's address. */
import { eventually } from '../../src/lab/eventually.ts';
import { ask, hostDocker } from '../../src/lab/docker.ts';
import type { LabNode } from '../../src/lab/lab.ts';
import { CUTS_FILE, LINK_CHAIN } from '../../src/lab/boot-rules.ts';
import { runIn } from '../../src/lab/node-exec.ts';

const STOP_S = 40;
/** A call without a leader is answered after 20 s. */
const CALL_MS = 30_000;

export interface Answered {
  readonly status: number;
  readonly body: unknown;
}

export class MovingNode {
  readonly name: string;
  readonly first: string;
  address: string;
  readonly #containerId: string;

  constructor({ name, address, containerId }: LabNode) {
    this.name = name;
    this.first = address;
    this.address = address;
    this.#containerId = containerId;
  }

  /** Without the proxies, now and after every start. */
  async withoutProxies(): Promise<void> {
    const rules = `*nat\\n-F ${LINK_CHAIN}\\nCOMMIT\\n`;
    await runIn(
      this.#containerId,
      `printf '${rules}' > ${CUTS_FILE} && iptables --wait 10 -t nat -F ${LINK_CHAIN}`,
    );
  }

  /** The machine is shut down, gets the address, and starts. */
  async move(address: string): Promise<void> {
    const container = hostDocker().getContainer(this.#containerId);
    await ask(`stopping ${this.name}`, container.stop({ t: STOP_S }), 60_000);
    const { NetworkSettings } = await ask(`looking at ${this.name}`, container.inspect());
    const network = hostDocker().getNetwork(Object.keys(NetworkSettings.Networks)[0] ?? '');
    await ask(
      `unplugging ${this.name}`,
      network.disconnect({ Container: this.#containerId, Force: true }),
    );
    const EndpointConfig = { IPAMConfig: { IPv4Address: address } };
    await ask(
      `plugging ${this.name} in at ${address}`,
      network.connect({ Container: this.#containerId, EndpointConfig }),
    );
    await ask(`starting ${this.name}`, container.start(), 60_000);
    this.address = address;
    await this.until('its engine answers', '/_ping', ({ status }) => status === 200);
  }

  async call(method: string, path: string, body?: unknown): Promise<Answered> {
    const answer = await fetch(`http://${this.address}:2375/v1.41${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headers: { 'Content-Type': 'application/json' },
      signal: AbortSignal.timeout(CALL_MS),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      body: text.startsWith('OK') || text === '' ? text : JSON.parse(text),
    };
  }

  /** Asks until the answer is as wanted; gives it. @throws SwarmtwinError `lab-failed` with the last one */
  until(what: string, path: string, wanted: (answer: Answered) => boolean): Promise<Answered> {
    const waiting = { deadlineMs: 150_000, everyMs: 250, code: 'lab-failed' } as const;
    return eventually(
      { ...waiting, what: `${what} (${this.name})`, next: 'Look at the logs of the node.' },
      async () => {
        const answer = await this.call('GET', path);
        if (wanted(answer)) return answer;
        throw new Error(`last seen: ${JSON.stringify(answer).slice(0, 800)}`);
      },
    );
  }
}
