/** Task states in the order of their progress; the values are SwarmKit's (api/types.proto) and the Engine API's lower-case names. */
export const TASK_STATE_VALUES = {
  new: 0,
  pending: 64,
  assigned: 192,
  accepted: 256,
  preparing: 320,
  ready: 384,
  starting: 448,
  running: 512,
  complete: 576,
  shutdown: 640,
  failed: 704,
  rejected: 768,
  remove: 800,
  orphaned: 832,
} as const;

/** An observed or desired state. `remove` is only ever desired; desired is one of ready, running, complete, shutdown, remove. */
export type TaskState = keyof typeof TASK_STATE_VALUES;

export const TASK_STATES = Object.keys(TASK_STATE_VALUES) as TaskState[];

/** Negative when `a` comes before `b`, zero when equal, positive when after. */
export const compareStates = (a: TaskState, b: TaskState): number =>
  TASK_STATE_VALUES[a] - TASK_STATE_VALUES[b];

/** Whether the task can make no more progress: observed beyond running (SwarmKit's meaning of terminal). */
export const isTerminal = (state: TaskState): boolean => compareStates(state, 'running') > 0;
