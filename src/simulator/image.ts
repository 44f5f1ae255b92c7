/** What a container does, by its image and what its task's spec puts on top: the lab's workloads (fixtures/workload), and anything else as a server. */
import type { ContainerSpec, HealthConfig } from '../model/specs.ts';
import { taskName, type Task } from '../model/objects.ts';
import { NANOSECONDS_PER_MS } from '../model/time.ts';

/** Docker's defaults for a health check. */
const HEALTH_INTERVAL_MS = 30_000;
const HEALTH_RETRIES = 3;
const EXIT_AFTER_S = 5;

export interface HealthCheck {
  readonly intervalMs: number;
  readonly retries: number;
  readonly passes: boolean;
}

export interface Behaviour {
  /** Ends by itself, so long after its start; null for a server. */
  readonly exit: { readonly afterMs: number; readonly code: number } | null;
  /** Lives until SIGKILL. */
  readonly ignoresTerm: boolean;
  readonly health: HealthCheck | null;
  /** Why it cannot be started, in the engine's words and with its exit code. */
  readonly startError: { readonly text: string; readonly code: number } | null;
}

const SERVER: Behaviour = { exit: null, ignoresTerm: false, health: null, startError: null };
const UNHEALTHY: HealthCheck = { intervalMs: 1000, retries: 3, passes: false };

/** An image that no registry has, and no node either. */
export const isMissing = (image: string): boolean => /^(.*\/)?missing(:|$)/.test(image);

/** What a workload writes first: what it is, its host's name and, where its environment asks for that, its task's; '' for other images. */
export function greetingOf(task: Task, container: string): string {
  const { Image = '', Env = [], Hostname } = task.spec.ContainerSpec ?? {};
  const [, workload] = /\/workload:([^:/]+)$/.exec(Image) ?? [];
  if (workload === undefined) return '';
  const name = Env.find((entry) => entry.startsWith('TASK_NAME='))?.slice('TASK_NAME='.length);
  const told = name?.replace('{{.Task.Name}}', taskName(task)) ?? '';
  return `${workload} ${Hostname ?? container.slice(0, 12)} ${told}`;
}

const known = new WeakMap<ContainerSpec, Behaviour>();

/** Tasks share their service's spec, so it is read once. */
export function behaviourOf(spec: ContainerSpec): Behaviour {
  let behaviour = known.get(spec);
  if (behaviour === undefined) known.set(spec, (behaviour = read(spec)));
  return behaviour;
}

function read(spec: ContainerSpec): Behaviour {
  const base = ofImage(spec.Image, spec.Env ?? []);
  const own = ofCommand([...(spec.Command ?? []), ...(spec.Args ?? [])]);
  const health = spec.Healthcheck === undefined ? base.health : ofCheck(spec.Healthcheck);
  return { ...base, ...own, health };
}

function ofImage(image: string, env: readonly string[]): Behaviour {
  switch (/:([^:/]+)$/.exec(image)?.[1]) {
    case 'exit1':
      return { ...SERVER, exit: { afterMs: 0, code: 1 } };
    case 'exit0-later':
      return { ...SERVER, exit: { afterMs: seconds(env, 'EXIT_AFTER_S') * 1000, code: 0 } };
    case 'unhealthy':
      return { ...SERVER, health: UNHEALTHY };
    case 'ignore-term':
      return { ...SERVER, ignoresTerm: true };
    default:
      return SERVER;
  }
}

/** The few commands that people write into experiments: `sleep N`, `true`, `false`, `exit N`, and one that is not there. */
function ofCommand(words: readonly string[]): Partial<Behaviour> {
  const text = words.join(' ').replace(/^(\/bin\/)?sh -c /, '');
  const [, sleepS] = /^sleep (\d+(?:\.\d+)?)$/.exec(text) ?? [];
  const [, code] = /(?:^|; )exit (\d+)$/.exec(text) ?? [];
  if (sleepS !== undefined) return { exit: { afterMs: Number(sleepS) * 1000, code: 0 } };
  if (code !== undefined) return { exit: { afterMs: 0, code: Number(code) } };
  if (text === 'true') return { exit: { afterMs: 0, code: 0 } };
  if (text === 'false') return { exit: { afterMs: 0, code: 1 } };
  if (text === '/nope') return { startError: { text: notFound(text), code: 127 } };
  return {};
}

function ofCheck(check: HealthConfig): HealthCheck | null {
  const [kind, ...words] = check.Test ?? [];
  if (kind === undefined || kind === 'NONE') return null;
  return {
    intervalMs: (check.Interval ?? 0) / NANOSECONDS_PER_MS || HEALTH_INTERVAL_MS,
    retries: (check.Retries ?? 0) || HEALTH_RETRIES,
    passes: !/^(\/bin\/)?false$|^exit [1-9]/.test(words.join(' ')),
  };
}

function seconds(env: readonly string[], name: string): number {
  const line = env.find((entry) => entry.startsWith(`${name}=`));
  const value = line === undefined ? Number.NaN : Number(line.slice(name.length + 1));
  return Number.isFinite(value) ? value : EXIT_AFTER_S;
}

// Engine 26.1's words (reference/measured.md).
const notFound = (command: string): string =>
  `failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "${command}": stat ${command}: no such file or directory: unknown`;
