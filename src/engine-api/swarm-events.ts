/** What `/events` tells of the swarm itself, beside what dockerd tells of its own objects (moby: daemon/events.go). */
import type { Node, Service } from '../model/objects.ts';
import type { StoreEvent } from '../swarm/store-watch.ts';
import { nanosecondsOf, timestampOf, type Timestamp } from './timestamp.ts';

export interface SwarmEvent {
  readonly type: 'node' | 'service' | 'network' | 'secret' | 'config';
  readonly action: 'create' | 'update' | 'remove';
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly time: Timestamp;
}

/** moby keeps so many events for clients that ask for past ones. */
const KEPT = 256;

/** What is committed, as events; `nowMs` is the time of a removal, which no object tells. Tasks and the cluster itself make none. */
export function swarmEventsOf(
  committed: readonly StoreEvent[],
  nowMs: number,
): readonly SwarmEvent[] {
  return committed.flatMap((event): SwarmEvent[] => {
    if (event.kind === 'task' || event.kind === 'cluster') return [];
    const { meta, id } = event.object;
    const timeMs = { create: meta.createdAt, update: meta.updatedAt, remove: nowMs }[event.action];
    const { action, kind: type } = event;
    return [{ type, action, id, attributes: attributesOf(event), time: timestampOf(timeMs) }];
  });
}

type Told = Extract<StoreEvent, { readonly kind: SwarmEvent['type'] }>;

function attributesOf(event: Told): Readonly<Record<string, string>> {
  switch (event.kind) {
    case 'node':
      return {
        name: nameOfNode(event.object),
        ...(event.action === 'update' ? nodeChanges(event.previous, event.object) : {}),
      };
    case 'service':
      return {
        name: event.object.spec.Name,
        ...(event.action === 'update' ? serviceChanges(event.previous, event.object) : {}),
      };
    default:
      return { name: event.object.spec.Name };
  }
}

const nameOfNode = ({ spec, description }: Node): string =>
  spec.Name === undefined || spec.Name === '' ? (description?.hostname ?? '') : spec.Name;

const nodeChanges = (before: Node, now: Node): Readonly<Record<string, string>> => ({
  ...change('availability', before.spec.Availability, now.spec.Availability),
  ...change('role', before.role, now.role),
  ...change('state', before.status.state, now.status.state),
});

function serviceChanges(before: Service, now: Service): Readonly<Record<string, string>> {
  const image = ({ spec }: Service): string => spec.TaskTemplate.ContainerSpec?.Image ?? '';
  const replicas = ({ spec }: Service): string => String(spec.Mode.Replicated?.Replicas ?? 1);
  const isReplicated = now.spec.Mode.Replicated !== undefined;
  return {
    ...change('image', image(before), image(now)),
    ...(isReplicated ? change('replicas', replicas(before), replicas(now)) : {}),
    // An update's end is told, its being forgotten is not.
    ...(now.updateStatus === undefined
      ? {}
      : change('updatestate', before.updateStatus?.state, now.updateStatus.state)),
  };
}

function change(key: string, before: string | undefined, now: string): Record<string, string> {
  if (before === now) return {};
  return { ...(before === undefined ? {} : { [`${key}.old`]: before }), [`${key}.new`]: now };
}

/** One event as a line of JSON, its members in dockerd's order. */
export function eventLine({ type, action, id, attributes, time }: SwarmEvent): string {
  const sorted = Object.fromEntries(
    Object.entries(attributes).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
  const actor = JSON.stringify({ ID: id, Attributes: sorted });
  return `{"Type":"${type}","Action":"${action}","Actor":${actor},"scope":"swarm","time":${time.seconds},"timeNano":${nanosecondsOf(time)}}\n`;
}

/** The last events of the swarm on this node, and whoever waits for the next. */
export class SwarmEventLog {
  readonly #kept: SwarmEvent[] = [];
  readonly #followers = new Set<(event: SwarmEvent) => void>();

  add(events: readonly SwarmEvent[]): void {
    for (const event of events) {
      this.#kept.push(event);
      if (this.#kept.length > KEPT) this.#kept.shift();
      for (const follower of [...this.#followers]) follower(event);
    }
  }

  /** Events from `since` on, to `until`, both included; going back stops at the first that is older (moby: loadBufferedEvents). */
  past(since: bigint, until: bigint): readonly SwarmEvent[] {
    const found: SwarmEvent[] = [];
    for (const event of this.#kept.toReversed()) {
      const at = nanosecondsOf(event.time);
      if (at < since) break;
      if (at <= until) found.unshift(event);
    }
    return found;
  }

  /** Calls back with each event from now on, until the answer is called. */
  follow(follower: (event: SwarmEvent) => void): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }
}
