/** Plays the script to one lab, call by call. */
import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import type { Lab } from '../../src/lab/lab.ts';
import type { Answer, ApiCall, Call } from './call.ts';

/** The longest a call may take, and the longest that one is repeated until its answer is as wanted. */
const CALL_MS = 60_000;
const SETTLE_MS = 60_000;
const LOOK_MS = 250;

export interface Played {
  readonly call: Call;
  readonly answer: Answer;
}

/** Where a script is played. */
export interface Stand {
  readonly lab: Lab;
  /** The working directory and the home of the shell. */
  readonly folder: string;
  /** The folder with the docker CLI. */
  readonly client: string;
  readonly words: Readonly<Record<string, string>>;
}

/** @throws Error when a call that only prepares fails, naming it */
export async function playScript(
  { lab, folder, client, words: given }: Stand,
  script: readonly Call[],
  say: (line: string) => void,
): Promise<readonly Played[]> {
  const words = new Map<string, string>([
    ...lab.nodes.map(({ name, address }) => [name.toUpperCase(), address] as const),
    ['SCRATCH', folder],
    ['PATH', `${client}:${process.env['PATH'] ?? ''}`],
    ...Object.entries(given),
  ]);
  const played: Played[] = [];
  for (const call of script) {
    const answer = await settled(lab, call, words);
    if (call.keep !== undefined) keep(call, answer, words);
    if (call.prepares === true && hasFailed(call, answer))
      throw new Error(`${lab.subject}: '${call.title}' was to prepare: ${answer.err}${answer.out}`);
    played.push({ call, answer });
    if (played.length % 25 === 0) say(`${lab.subject}: ${played.length} of ${script.length} calls`);
  }
  return played;
}

/** An exit code but 0; a status of 300 and more, or no answer at all. */
const hasFailed = ({ do: done }: Call, { code }: Answer): boolean =>
  'cli' in done ? code !== 0 : code < 200 || code >= 300;

async function settled(lab: Lab, call: Call, words: ReadonlyMap<string, string>): Promise<Answer> {
  const endMs = performance.now() + SETTLE_MS;
  for (;;) {
    const answer = await answerOf(lab, call, words);
    if (call.until === undefined || call.until.test(answer.out + answer.err)) return answer;
    if (performance.now() > endMs)
      return { ...answer, err: `${answer.err}\n(not as wanted after ${SETTLE_MS / 1000} s)` };
    await pause(LOOK_MS);
  }
}

function answerOf(lab: Lab, call: Call, words: ReadonlyMap<string, string>): Promise<Answer> {
  const node = lab.node(call.on ?? 'n1');
  return 'cli' in call.do
    ? shell(call.do.cli, { ...Object.fromEntries(words), DOCKER_HOST: node.dockerHost })
    : request(lab, call.on ?? 'n1', call.do, words);
}

/** The docker CLI as a person types it, in a shell with nothing of this process's environment but PATH. */
function shell(line: string, words: Readonly<Record<string, string>>): Promise<Answer> {
  const env = { HOME: words['SCRATCH'], LC_ALL: 'C.UTF-8', ...words };
  const child = spawn('bash', ['-c', line], {
    env,
    cwd: words['SCRATCH'],
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: CALL_MS,
    killSignal: 'SIGKILL',
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (signal !== null) err += `(ended by ${signal} after ${CALL_MS / 1000} s)`;
      resolve({ code: code ?? -1, out, err });
    });
  });
}

async function request(
  lab: Lab,
  name: string,
  { method, path, body }: ApiCall,
  words: ReadonlyMap<string, string>,
): Promise<Answer> {
  const filled = typeof body === 'string' ? fill(body, words) : fillJson(body, words);
  const answer = await lab
    .node(name)
    .client.call(method, fill(path, words), { body: filled, deadlineMs: CALL_MS });
  return answer.kind === 'answer'
    ? { code: answer.status, out: answer.body, err: '' }
    : { code: 0, out: '', err: answer.code };
}

const fill = (text: string, words: ReadonlyMap<string, string>): string =>
  text.replace(/\$\{(\w+)\}/g, (_, name: string) => words.get(name) ?? `(no word ${name})`);

const fillJson = (body: unknown, words: ReadonlyMap<string, string>): unknown =>
  body === undefined ? undefined : (JSON.parse(fill(JSON.stringify(body), words)) as unknown);

function keep({ title, keep: wanted }: Call, answer: Answer, words: Map<string, string>): void {
  if (wanted === undefined) return;
  const found = wanted.match.exec(answer.out);
  // Kept as a word that no swarm knows, so that what needs it fails where it can be seen.
  words.set(wanted.as, found?.[1] ?? found?.[0] ?? `not-answered-by-${title.replace(/\W+/g, '-')}`);
}
