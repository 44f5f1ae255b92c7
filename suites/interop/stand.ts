/** A lab of two kinds of nodes under a person's hands: the docker CLI on its nodes, and waiting until something is so. */
import { execFile } from 'node:child_process';
import type { Lab } from '../../src/lab/lab.ts';
import { eventually } from '../../src/lab/eventually.ts';

const CALL_MS = 60_000;
const SETTLE_MS = 60_000;
const LOOK_MS = 250;
const LOG_LINES = 60;

interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** n1, n2 and n3 manage, n4 works and is of the other kind; n5 is of n4's kind and in no swarm yet. */
export class Stand {
  readonly lab: Lab;
  /** The manager that commands go to. */
  manager = 'n1';

  constructor(lab: Lab) {
    this.lab = lab;
  }

  /** What the command prints. @throws Error with what it says when it fails */
  async docker(node: string, line: string, input = ''): Promise<string> {
    const { code, out, err } = await this.#run(node, line, input);
    if (code === 0) return out.trim();
    throw new Error(`docker ${line} on ${node}: exit code ${code}: ${err}${out}`);
  }

  /** What a command says that has to fail. @throws Error when it does not */
  async refusal(node: string, line: string): Promise<string> {
    const { code, err } = await this.#run(node, line, '');
    if (code === 0) throw new Error(`docker ${line} on ${node} was not refused`);
    return err;
  }

  /** On the manager. */
  ask(line: string, input = ''): Promise<string> {
    return this.docker(this.manager, line, input);
  }

  /** Waits for what the command prints on the node; gives it. */
  until(node: string, line: string, wanted: (out: string) => boolean): Promise<string> {
    let last = '';
    const what = `docker ${line} on ${node}`;
    const waiting = { what, deadlineMs: SETTLE_MS, everyMs: LOOK_MS, code: 'lab-failed' } as const;
    return eventually({ ...waiting, next: 'Look at the nodes.' }, async () => {
      last = await this.docker(node, line);
      if (wanted(last)) return last;
      throw new Error(`last seen: ${last.slice(0, 600)}`);
    });
  }

  /** Waits until the service has that many running tasks, of that image, on n4; gives their ids. */
  async running(service: string, tasks: number, image: string): Promise<readonly string[]> {
    const format = '{{.ID}} {{.Image}} {{.Node}} {{.CurrentState}}';
    const line = `service ps --no-trunc --filter desired-state=running --filter node=n4 --format "${format}" ${service}`;
    const isRunning = (each: string): boolean => each.includes(`${image} n4 Running`);
    const out = await this.until(this.manager, line, (seen) => {
      const all = seen === '' ? [] : seen.split('\n');
      return all.length === tasks && all.every(isRunning);
    });
    return out === '' ? [] : out.split('\n').map((each) => each.split(' ')[0] ?? '');
  }

  /** Waits until n4's engine has that many containers of the service. */
  async containers(service: string, wanted: number): Promise<readonly string[]> {
    const line = `ps -q --filter label=com.docker.swarm.service.name=${service}`;
    const ids = (out: string): readonly string[] => (out === '' ? [] : out.split('\n'));
    return ids(await this.until('n4', line, (out) => ids(out).length === wanted));
  }

  /** For whoever looks for the cause afterwards, when the lab is gone: the tasks and nodes as they are, and what n4 has written of late. */
  async evidence(seconds: number): Promise<string> {
    const log = `logs --since ${Math.ceil(seconds)}s ${this.lab.node('n4').containerId} 2>&1 | tail -n ${LOG_LINES}`;
    const looks = [
      this.#run(this.manager, 'node ls', ''),
      this.#run(this.manager, 'service ps --no-trunc web', ''),
      this.#run(null, log, ''),
    ];
    const said = await Promise.all(looks);
    return said.map(({ out, err }) => `${out}${err}`.trim()).join('\n');
  }

  /** On a node's engine, or on the one that the nodes are containers of. */
  #run(node: string | null, line: string, input: string): Promise<Said> {
    const host = node === null ? process.env['DOCKER_HOST'] : this.lab.node(node).dockerHost;
    return new Promise((resolve, reject) => {
      const shell = execFile(
        'bash',
        ['-c', `docker ${line}`],
        { timeout: CALL_MS, env: { PATH: process.env['PATH'], DOCKER_HOST: host } },
        (error, out, err) => {
          if (error?.killed === true)
            reject(
              new Error(
                `docker ${line} on ${node ?? 'this machine'} took more than ${CALL_MS / 1000} s`,
              ),
            );
          else resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
        },
      );
      shell.stdin?.on('error', () => undefined);
      shell.stdin?.end(input);
    });
  }
}
