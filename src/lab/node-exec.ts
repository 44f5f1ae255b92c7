/** Runs a short shell script inside a node's container. */
import { Writable } from 'node:stream';
import { SwarmtwinError } from '../model/errors.ts';
import { ask, hostDocker } from './docker.ts';

export interface ExecOutcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `script` with bash in a container. Throws `lab-failed` if it could not run or was not done in time; an exit code is an outcome. */
export async function execIn(
  containerId: string,
  script: string,
  deadlineMs = 15_000,
): Promise<ExecOutcome> {
  const tried = `running a script in ${containerId.slice(0, 12)}`;
  const docker = hostDocker();
  const exec = await ask(
    tried,
    docker.getContainer(containerId).exec({
      Cmd: ['/bin/bash', '-c', script],
      AttachStdout: true,
      AttachStderr: true,
    }),
    deadlineMs,
  );
  const stream = await ask(tried, exec.start({ hijack: true, stdin: false }), deadlineMs);
  const [stdout, stderr] = [sink(), sink()];
  docker.modem.demuxStream(stream, stdout.stream, stderr.stream);
  const ended = new Promise<void>((resolve, reject) => {
    stream.once('end', resolve);
    stream.once('close', resolve);
    stream.once('error', reject);
  });
  try {
    await ask(tried, ended, deadlineMs);
  } finally {
    stream.destroy();
  }
  const { ExitCode: exitCode } = await ask(tried, exec.inspect(), deadlineMs);
  return { exitCode: exitCode ?? -1, stdout: stdout.text(), stderr: stderr.text() };
}

/** As `execIn`, for scripts that must succeed; gives their output. @throws SwarmtwinError `lab-failed` */
export async function runIn(
  containerId: string,
  script: string,
  deadlineMs?: number,
): Promise<string> {
  const outcome = await execIn(containerId, script, deadlineMs);
  if (outcome.exitCode !== 0)
    throw new SwarmtwinError(
      'lab-failed',
      `a script in node container ${containerId.slice(0, 12)} ended with ${outcome.exitCode}: ${outcome.stderr.trim() || outcome.stdout.trim()}`,
      'Is the node still running? See `swarmtwin lab status`.',
    );
  return outcome.stdout;
}

function sink(): { readonly stream: Writable; text(): string } {
  const parts: Buffer[] = [];
  const stream = new Writable({
    write(part: Buffer, _encoding, done) {
      parts.push(part);
      done();
    },
  });
  return { stream, text: () => Buffer.concat(parts).toString('utf8') };
}
