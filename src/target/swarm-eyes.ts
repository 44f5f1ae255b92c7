/**
 * Watches the control plane through every manager. One manager, the eye, is asked for everything four times a second; the others once
 * a second, so that what they answer (and a cut-off one's stale view) is on record. Answers are compared as text before anything is parsed:
 * a cluster at rest costs almost nothing.
 */
import type { GoneSeen, Observation } from '../model/history.ts';
import type { NodeAnswer } from '../lab/node-client.ts';
import type { EyesClient } from './eyes-client.ts';
import type { EyesClock } from './eyes-clock.ts';
import { nodeSeen, serviceSeen, taskSeen } from './seen.ts';
import type { ApiNode, ApiService, ApiTask, Names } from './seen.ts';

const EYE_EVERY_MS = 250;
const OTHERS_EVERY_MS = 1000;
/** A manager without a leader holds a request for up to 20 s; a look does not wait for that. */
const PATIENCE_MS = 1500;

export interface SwarmEyesPorts {
  readonly clock: EyesClock;
  readonly startedAt: number;
  readonly managers: readonly { readonly name: string; readonly client: EyesClient }[];
  /** Whether the harness has a fault on the node. */
  readonly faulted: (name: string) => boolean;
  readonly seen: (observation: Observation) => void;
}

interface Look {
  readonly name: string;
  readonly client: EyesClient;
  /** The last text of each list, and the last form of each object by id. */
  readonly texts: Map<string, string>;
  readonly objects: Map<string, string>;
  answers: boolean;
  control: string;
  /** Ends the pause between two rounds. */
  wake: () => void;
}

export interface SwarmEyes {
  /** Call after a fault began or ended: the eye moves at once. */
  refocus(): void;
  /** Resolves when a round of the eye that began after this call has ended. */
  look(): Promise<void>;
  stop(): void;
}

interface EyesState {
  eye: string;
  stopped: boolean;
  waiting: (() => void)[];
}

/** Starts watching. */
export function openSwarmEyes(ports: SwarmEyesPorts): SwarmEyes {
  const looks: Look[] = ports.managers.map(({ name, client }) => ({
    name,
    client,
    texts: new Map<string, string>(),
    objects: new Map<string, string>(),
    answers: true,
    control: '',
    wake: () => undefined,
  }));
  const state: EyesState = { eye: '', stopped: false, waiting: [] };
  const ids = new Map<string, string>();
  const focus = (): void => {
    moveEye(looks, state, ports);
  };
  focus();
  for (const look of looks) void watch(look, looks, state, ports, ids);
  return {
    refocus: focus,
    look: () =>
      new Promise((resolve) => {
        if (state.stopped) resolve();
        else state.waiting.push(resolve);
        looks.find((look) => look.name === state.eye)?.wake();
      }),
    stop: () => {
      state.stopped = true;
      for (const resolve of state.waiting.splice(0)) resolve();
      for (const look of looks) look.wake();
    },
  };
}

/** The eye stays while it answers and no fault is on it; else the first manager that is fit takes over. */
function moveEye(looks: readonly Look[], state: EyesState, ports: SwarmEyesPorts): void {
  const fit = looks.filter((look) => !ports.faulted(look.name));
  const chosen =
    fit.find((look) => look.name === state.eye && look.answers) ??
    fit.find((look) => look.answers) ??
    fit[0] ??
    looks[0];
  if (chosen === undefined || chosen.name === state.eye) return;
  state.eye = chosen.name;
  ports.seen({ what: 'eye', by: chosen.name });
  chosen.wake();
}

/** One manager's rounds, until the eyes are closed. */
async function watch(
  look: Look,
  looks: readonly Look[],
  state: EyesState,
  ports: SwarmEyesPorts,
  ids: Map<string, string>,
): Promise<void> {
  const stopped = (): boolean => state.stopped;
  while (!stopped()) {
    const began = ports.clock.now();
    const waiting = state.eye === look.name ? state.waiting.splice(0) : [];
    await lookOnce(look, ports, ids, stopped);
    if (stopped()) return;
    moveEye(looks, state, ports);
    for (const resolve of waiting) resolve();
    const every = look.name === state.eye ? EYE_EVERY_MS : OTHERS_EVERY_MS;
    await pause(look, ports.clock, Math.max(20, every - (ports.clock.now() - began)));
  }
}

const pause = (look: Look, clock: EyesClock, ms: number): Promise<void> =>
  new Promise((resolve) => {
    const cancel = clock.after(ms, resolve);
    look.wake = () => {
      cancel();
      resolve();
    };
  });

async function lookOnce(
  look: Look,
  ports: SwarmEyesPorts,
  ids: Map<string, string>,
  stopped: () => boolean,
): Promise<void> {
  for (const list of ['nodes', 'services', 'tasks'] as const) {
    const answer = await look.client.call('GET', `/${list}`, { deadlineMs: PATIENCE_MS });
    if (stopped()) return;
    noteControl(look, answer, ports.seen);
    if (answer.kind === 'no-answer' || answer.status !== 200) return;
    if (look.texts.get(list) === answer.body) continue;
    look.texts.set(list, answer.body);
    // A task of a service or a node that was made since the last look at those: named with the next round.
    if (!noteList(look, list, answer.body, ports, ids)) look.texts.delete(list);
  }
}

/** Says how the manager answers, when that changed. */
function noteControl(look: Look, answer: NodeAnswer, seen: SwarmEyesPorts['seen']): void {
  const control = controlOf(look.name, answer);
  look.answers = control.answer === 'ok';
  const form = `${control.answer} ${control.status} ${control.text}`;
  if (form === look.control) return;
  look.control = form;
  seen(control);
}

function controlOf(by: string, answer: NodeAnswer): Extract<Observation, { what: 'control' }> {
  const what = 'control';
  if (answer.kind === 'no-answer') {
    const how =
      answer.code === 'DEADLINE' ? 'hangs' : answer.code === 'ECONNREFUSED' ? 'refused' : 'broken';
    return { what, by, answer: how, status: 0, text: answer.code };
  }
  const { status, body } = answer;
  if (status === 200) return { what, by, answer: 'ok', status, text: '' };
  return { what, by, answer: 'error', status, text: messageIn(body) };
}

/** The text of an Engine API error body. */
export function messageIn(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null && 'message' in parsed)
      return String(parsed.message);
  } catch {
    return body; // not JSON: the text itself is the message
  }
  return body;
}

/** Hands on what changed; false when something could not be named yet. */
function noteList(
  look: Look,
  list: 'nodes' | 'services' | 'tasks',
  body: string,
  ports: SwarmEyesPorts,
  ids: Map<string, string>,
): boolean {
  let complete = true;
  const nameOf = (id: string): string => {
    const name = ids.get(id);
    if (name === undefined || name === '') complete = false;
    return name ?? '';
  };
  const names: Names = { node: nameOf, service: nameOf, startedAt: ports.startedAt };
  const items = (JSON.parse(body) as (ApiNode | ApiService | ApiTask)[]).map((item) => {
    if (list === 'nodes') return nodeSeen(look.name, item as ApiNode);
    if (list === 'services') return serviceSeen(look.name, item as ApiService);
    return taskSeen(look.name, item as ApiTask, names);
  });
  const present = new Set<string>();
  for (const item of items) {
    present.add(item.id);
    // A node has no name until its description has arrived.
    if ((item.what === 'task' ? item.service : item.name) === '') {
      complete = false;
      continue;
    }
    if (item.what !== 'task') ids.set(item.id, item.name);
    const form = JSON.stringify(item);
    if (look.objects.get(item.id) === form) continue;
    look.objects.set(item.id, form);
    ports.seen(item);
  }
  noteGone(look, list, present, ports.seen);
  return complete;
}

const KIND_OF = { nodes: 'node', services: 'service', tasks: 'task' } as const;

function noteGone(
  look: Look,
  list: keyof typeof KIND_OF,
  present: ReadonlySet<string>,
  seen: SwarmEyesPorts['seen'],
): void {
  const kind: GoneSeen['kind'] = KIND_OF[list];
  for (const [id, form] of look.objects) {
    if (present.has(id) || !form.startsWith(`{"what":"${kind}"`)) continue;
    look.objects.delete(id);
    seen({ what: 'gone', by: look.name, kind, id });
  }
}
