/** A living swarm on virtual time behind the Engine API's own handlers, for thousands of calls a second. */
import type { ApiResponse } from '../../src/engine-api/api-message.ts';
import type { Store } from '../../src/swarm/store.ts';
import { MachineApi } from '../../src/simulator/machine-api.ts';
import { watchInvariants, type InvariantWatch } from '../../src/simulator/invariants/watch.ts';
import { World } from '../../src/simulator/world.ts';
import { createRandom } from '../../src/model/random.ts';
import { bodyFor, type DrawnCall, type Listed } from './api-calls.ts';

/** Far more than any call is given. */
const ANSWER_MS = 120_000;
/** What goes on between two calls. */
const BETWEEN_MS = 200;

export interface Answered {
  readonly status: number;
  readonly body: string;
}

export interface Thing {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly mode?: unknown;
}

export class SimulatedApi {
  readonly world: World;
  readonly watch: InvariantWatch;
  readonly #apis = new Map<string, MachineApi>();

  constructor(seed: string) {
    this.world = new World({ seed, keepsLines: true });
    this.watch = watchInvariants(this.world);
    this.world.time.onEvent(() => {
      this.watch.check();
    });
    this.world.init('m1');
    this.world.join('w1', 'worker');
    for (const name of ['m1', 'w1'])
      this.#apis.set(
        name,
        new MachineApi(this.world.machine(name), createRandom(`${seed}/${name}`)),
      );
  }

  /** The leader's, which both machines may come to be. */
  get store(): Store {
    const { manager } = this.world.machine(this.#leader()).process.node;
    if (manager === null) throw new Error('the leader has no manager');
    return manager.store;
  }

  #leader(): string {
    if (this.world.leader() === '') this.world.untilLeader();
    return this.world.leader();
  }

  /** What is there, in the order of the store. */
  things(of: Listed): readonly Thing[] {
    const { read } = this.store;
    switch (of) {
      case 'services':
        return read
          .all('service')
          .map(({ id, spec, meta }) => ({ ...thing(id, spec.Name, meta), mode: spec.Mode }));
      case 'nodes':
        return read
          .all('node')
          .map((node) => thing(node.id, node.description?.hostname ?? '', node.meta));
      case 'tasks':
        return read.all('task').map(({ id, serviceName, meta }) => thing(id, serviceName, meta));
      case 'secrets':
        return read.all('secret').map(({ id, spec, meta }) => thing(id, spec.Name, meta));
      case 'configs':
        return read.all('config').map(({ id, spec, meta }) => thing(id, spec.Name, meta));
      case 'networks':
        return read.all('network').map(({ id, spec, meta }) => thing(id, spec.Name, meta));
    }
  }

  /** Throws where it is not answered, or twice. */
  call(call: DrawnCall): Answered {
    const found = call.of === null ? undefined : this.#found(call);
    const version = found?.version ?? this.store.read.all('cluster')[0]?.meta.version ?? 0;
    const query = call.query
      .map(
        ([key, value]) =>
          `${key}=${encodeURIComponent(value === 'newest' ? String(version) : value)}`,
      )
      .join('&');
    const id = refer(call, found);
    const target = `${call.version}${call.path.replace('{id}', id)}${query === '' ? '' : `?${query}`}`;
    const body = bodyFor(call.body, found?.name ?? '', found?.mode);
    return this.ask(call.method, target, Buffer.from(body, 'latin1'), call.headers);
  }

  ask(
    method: string,
    target: string,
    body: Uint8Array = new Uint8Array(),
    headers?: Readonly<Record<string, string>>,
  ): Answered {
    const answers: ApiResponse[] = [];
    const question = { method, target, body, ...(headers === undefined ? {} : { headers }) };
    let streamed = '';
    const open = new Set<number>();
    this.#apis.get(this.#leader())?.ask(question, (response) => {
      answers.push(response);
      if (response.stream === undefined) return;
      open.add(answers.length);
      response.stream({
        write: (bytes) => (streamed += Buffer.from(bytes).toString()),
        end: () => {
          open.clear();
        },
        whenReady: (callback) => {
          callback();
        },
        onClose: () => undefined,
      });
    });
    if (answers.length === 0 || open.size > 0)
      this.world.until(
        `an answer to ${method} ${target}`,
        () => answers.length > 0 && open.size === 0,
        ANSWER_MS,
      );
    this.world.advance(BETWEEN_MS);
    const [answer] = answers;
    if (answer === undefined || answers.length > 1) throw new Error(`${answers.length} answers`);
    return { status: answer.status, body: answer.body + streamed };
  }

  #found({ of, reference }: DrawnCall): Thing | undefined {
    if (of === null || 'text' in reference) return undefined;
    const things = this.things(of);
    return things[reference.nth % Math.max(1, things.length)];
  }
}

const thing = (id: string, name: string, { version }: { readonly version: number }): Thing => ({
  id,
  name,
  version,
});

function refer({ reference }: DrawnCall, found: Thing | undefined): string {
  if ('text' in reference) return reference.text;
  if (found === undefined) return 'nothing';
  if (reference.by === 'name') return encodeURIComponent(found.name);
  return reference.by === 'prefix' ? found.id.slice(0, 5) : found.id;
}
