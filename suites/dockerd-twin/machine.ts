/** One machine with an engine of a suite, on which scripts that know nothing of swarmtwin start `dockerd` themselves. */
import { PROJECT_ROOT } from '../../src/command/project.ts';
import { setUp } from '../../src/command/set-up.ts';
import { ask, hostDocker, removeQuietly } from '../../src/lab/docker.ts';
import { execIn, runIn, type ExecOutcome } from '../../src/lab/node-exec.ts';
import type { EngineLine } from '../../src/model/engines.ts';

/** A machine ends by itself, should nobody be left to end it. */
const LIFE_S = 900;
const SCRIPT_MS = 120_000;
const READY = 'until docker version > /dev/null 2>&1; do sleep 0.2; done';

export interface Machine {
  /** What a shell script on it comes to. */
  run(script: string): Promise<ExecOutcome>;
  /** As `run`, for what must succeed; its output. */
  output(script: string): Promise<string>;
  down(): Promise<void>;
}

/** A node of a lab that is in none: its own dockerd runs, and the project lies where it lies on this machine. */
export async function startMachine(engine: EngineLine): Promise<Machine> {
  const { images, rights } = await setUp([engine]);
  const container = await ask(
    'making a machine',
    hostDocker().createContainer({
      Image: images.nodes.get(engine) ?? '',
      Entrypoint: ['/usr/bin/tini', '--', '/usr/bin/timeout', String(LIFE_S)],
      Cmd: ['/usr/local/lib/swarmtwin/entrypoint.sh'],
      Labels: { 'swarmtwin.machine': String(process.pid) },
      HostConfig: {
        ...rights,
        AutoRemove: true,
        Binds: [`${PROJECT_ROOT}:${PROJECT_ROOT}:ro`],
      },
    }),
  );
  await ask('starting a machine', container.start());
  const machine: Machine = {
    run: (script) => execIn(container.id, script, SCRIPT_MS),
    output: (script) => runIn(container.id, script, SCRIPT_MS),
    down: () => removeQuietly('removing a machine', container.remove({ force: true, v: true })),
  };
  await machine.output(READY);
  return machine;
}
