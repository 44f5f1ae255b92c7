/** One call of the script: what a person or a tool does to a swarm, and how to wait until its effect can be looked at. */
export interface Call {
  /** Unlike any other of the script; the report and the list of differences go by it. */
  readonly title: string;
  /** The node whose Engine API is used; n1 unless given. */
  readonly on?: NodeName;
  readonly do: CliCall | ApiCall;
  /** Keeps a word of the answer as a shell variable and `${NAME}` for the calls after it. */
  readonly keep?: Keep;
  /** Done until the answer is as wanted, at most `SETTLE_MS`; only the last answer is compared. */
  readonly until?: RegExp;
  /** Left out of the comparison: it only prepares, and must succeed. */
  readonly prepares?: true;
  /** Why the two answers differ. A difference without a reason fails the suite, and so does a reason without a difference. */
  readonly differs?: string;
}

export type NodeName = 'n1' | 'n2' | 'n3';

/** A line for the shell with DOCKER_HOST set to the node. */
export interface CliCall {
  readonly cli: string;
}

/** A call of the Engine API. `${NAME}` in path and body stands for a kept word. */
export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'DELETE' | 'PUT' | 'HEAD';
  readonly path: string;
  readonly body?: unknown;
}

export interface Keep {
  readonly as: string;
  /** The first group, or the whole match, in what was answered. */
  readonly match: RegExp;
}

/** What came back. Of a CLI call the exit code, of an API call the status. */
export interface Answer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export const cli = (title: string, line: string, more: Partial<Call> = {}): Call => ({
  title,
  do: { cli: line },
  ...more,
});

export const api = (
  title: string,
  method: ApiCall['method'],
  path: string,
  body?: unknown,
  more: Partial<Call> = {},
): Call => ({ title, do: { method, path, body }, ...more });
