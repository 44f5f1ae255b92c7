/**
 * Watches the containers of one engine through its plain container API: its event stream says when to look, and a slow look of its own
 * notices an engine that went silent without closing the stream (a paused or unplugged node).
 */
import type { ContainerSeen, Observation } from '../model/history.ts';
import type { NodeAnswer } from '../lab/node-client.ts';
import type { EyesClient } from './eyes-client.ts';
import type { EyesClock } from './eyes-clock.ts';
import { containerSeen } from './seen.ts';
import type { ApiContainer } from './seen.ts';

const LOOK_EVERY_MS = 2000;
const AFTER_EVENT_MS = 60;
const PATIENCE_MS = 1500;
const EVENTS = `/events?filters=${encodeURIComponent('{"type":["container"],"event":["create","start","die","destroy","pause","unpause"]}')}`;
const LIST = `/containers/json?all=1&filters=${encodeURIComponent('{"label":["com.docker.swarm.task.id"]}')}`;

interface EngineState {
  stopped: boolean;
  /** What was said last; '' before the first answer. */
  answers: string;
  following: boolean;
  /** Takes back the next look. */
  unschedule: () => void;
  looking: boolean;
  again: boolean;
  waiting: (() => void)[];
  readonly known: Map<string, ContainerSeen>;
  close: () => void;
}

export interface EngineEyes {
  /** Resolves when a look that began after this call has ended. */
  look(): Promise<void>;
  close(): void;
}

/** Starts watching one engine. */
export function openEngineEyes(
  node: string,
  client: EyesClient,
  clock: EyesClock,
  seen: (observation: Observation) => void,
): EngineEyes {
  const state: EngineState = {
    ...{ stopped: false, answers: '', following: false, looking: false, again: false },
    unschedule: () => undefined,
    waiting: [],
    known: new Map(),
    close: () => undefined,
  };
  const schedule = (inMs: number): void => {
    state.unschedule();
    if (!state.stopped) state.unschedule = clock.after(inMs, () => void look());
  };
  const look = async (): Promise<void> => {
    state.looking = true;
    const waiting = state.waiting.splice(0);
    const answer = await client.call('GET', LIST, { deadlineMs: PATIENCE_MS });
    state.looking = false;
    if (!state.stopped && note(node, answer, state, seen)) follow(client, state, schedule);
    schedule(state.waiting.length > 0 ? 0 : state.again ? AFTER_EVENT_MS : LOOK_EVERY_MS);
    state.again = false;
    for (const resolve of waiting) resolve();
  };
  schedule(0);
  return {
    look: () =>
      new Promise((resolve) => {
        if (state.stopped) {
          resolve();
          return;
        }
        state.waiting.push(resolve);
        if (!state.looking) schedule(0);
      }),
    close: () => {
      state.stopped = true;
      state.unschedule();
      state.close();
      for (const resolve of state.waiting.splice(0)) resolve();
    },
  };
}

/** Records what an answer shows; says whether there was one. */
function note(
  node: string,
  answer: NodeAnswer,
  state: EngineState,
  seen: (observation: Observation) => void,
): boolean {
  const answers = answer.kind === 'answer' && answer.status === 200;
  const text = answer.kind === 'answer' ? `HTTP ${answer.status}` : answer.code;
  if (state.answers !== text) seen({ what: 'engine', node, answers, text });
  state.answers = text;
  if (answers) noteContainers(node, JSON.parse(answer.body) as ApiContainer[], state.known, seen);
  return answers;
}

/** Opens the event stream, unless it is open. */
function follow(client: EyesClient, state: EngineState, schedule: (inMs: number) => void): void {
  if (state.following) return;
  state.following = true;
  const soon = (): void => {
    if (state.looking) state.again = true;
    else schedule(AFTER_EVENT_MS);
  };
  state.close = client.follow(EVENTS, {
    onLine: soon,
    onEnd: () => {
      state.following = false;
      soon();
    },
  });
}

function noteContainers(
  node: string,
  list: readonly ApiContainer[],
  known: Map<string, ContainerSeen>,
  seen: (observation: Observation) => void,
): void {
  const present = new Set(list.map((container) => container.Id));
  for (const container of list) {
    const item = containerSeen(node, container);
    if (known.get(item.id)?.state === item.state) continue;
    known.set(item.id, item);
    seen(item);
  }
  for (const [id, item] of known) {
    if (present.has(id)) continue;
    known.delete(id);
    seen({ ...item, state: 'gone' });
  }
}
