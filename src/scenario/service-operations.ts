/** What a client asks about services beside making and changing them: their counts, their logs, a container of theirs. */
import { operate } from './operations.ts';
import type { Caller, Outcome } from './operations.ts';

/** As `service ls` looks again and again while somebody waits. */
const LOOK_MS = 250;
/** The label that `docker stack deploy` puts on all that it makes. */
export const STACK_LABEL = 'com.docker.stack.namespace';

/** A service and how many of its tasks run, of how many that it ought to have. */
export interface Counted {
  readonly name: string;
  readonly running: number;
  readonly desired: number;
}

/** The query that leaves only what a stack made. */
const ofStack = (stack: string): string =>
  encodeURIComponent(JSON.stringify({ label: [`${STACK_LABEL}=${stack}`] }));

interface ApiItem {
  readonly ID?: string;
  readonly Id?: string;
  readonly Name?: string;
  readonly Spec?: { readonly Name?: string };
  readonly ServiceStatus?: { readonly RunningTasks?: number; readonly DesiredTasks?: number };
}

/** The objects of a stack, by id and, where they have one, by name. */
export const listOfStack = (
  caller: Caller,
  kind: 'nodes' | 'services' | 'tasks' | 'networks',
  stack: string,
): Promise<Outcome> =>
  operate(caller, { method: 'GET', path: `/${kind}?filters=${ofStack(stack)}` }, (value) =>
    (value as readonly ApiItem[]).map((item) => ({
      id: item.ID ?? item.Id ?? '',
      name: item.Name ?? item.Spec?.Name ?? '',
    })),
  );

/** Lists the services with their counts until all that the service declares runs, or the time is over: each list is on record. */
export async function watchCounts(
  caller: Caller,
  service: string,
  withinS: number,
): Promise<Outcome> {
  const { target } = caller.client;
  const until = target.now() + withinS * 1000;
  for (;;) {
    const listed = await operate(
      caller,
      { method: 'GET', path: '/services?status=true' },
      countsIn,
    );
    const mine = countsIn(listed.value).find(({ name }) => name === service);
    const converged = mine !== undefined && mine.running === mine.desired && mine.desired > 0;
    if (listed.outcome !== 'ok' || converged || target.now() > until) return listed;
    await target.advance(LOOK_MS);
  }
}

const countsIn = (value: unknown): readonly Counted[] =>
  (Array.isArray(value) ? (value as readonly ApiItem[]) : []).map(({ Spec, ServiceStatus }) => ({
    name: Spec?.Name ?? '',
    running: ServiceStatus?.RunningTasks ?? -1,
    desired: ServiceStatus?.DesiredTasks ?? -1,
  }));

/** A line that a task wrote, by the ids that its details name. */
export interface LogLine {
  readonly node: string;
  readonly task: string;
  readonly text: string;
}

export const readLogs = (caller: Caller, service: string): Promise<Outcome> =>
  operate(
    caller,
    { method: 'GET', path: `/services/${service}/logs?stdout=1&stderr=1&details=1` },
    (value) => logLines(typeof value === 'string' ? value : JSON.stringify(value)),
  );

/**
 * Lines of a multiplexed stream that was read as text: each has a head of eight bytes, of which the last four are its length, and begins with details.
 * What fits no such form (the complaint at the end of a stream that lacks something) is kept as a line of nobody.
 */
export function logLines(text: string): readonly LogLine[] {
  const head = /[\u0001\u0002\u0003]\u0000{3}[\s\S]{4}/g;
  return text
    .split(head)
    .flatMap((frame) => frame.split('\n'))
    .filter((line) => line !== '')
    .map((line) => {
      const [details = '', ...words] = line.split(' ');
      const of = (key: string): string =>
        new RegExp(`com\\.docker\\.swarm\\.${key}\\.id=([0-9a-z]+)`).exec(details)?.[1] ?? '';
      const task = of('task');
      return { node: of('node'), task, text: task === '' ? line : words.join(' ') };
    });
}

interface ApiContainer {
  readonly Name?: string;
  readonly Mounts?: readonly {
    readonly Type?: string;
    readonly Name?: string;
    readonly Source?: string;
    readonly Destination?: string;
    readonly RW?: boolean;
  }[];
}

/** What a container has mounted, by its own engine. */
export const inspectContainer = (caller: Caller, container: string): Promise<Outcome> =>
  operate(caller, { method: 'GET', path: `/containers/${container}/json` }, (value) => {
    const { Name = '', Mounts = [] } = value as ApiContainer;
    const mounts = Mounts.map(({ Type, Name: volume, Source, Destination, RW }) => ({
      type: Type ?? '',
      source: (Type === 'volume' ? volume : Source) ?? '',
      target: Destination ?? '',
      readOnly: RW === false,
    }));
    return { name: Name.replace(/^\//, ''), mounts };
  });
