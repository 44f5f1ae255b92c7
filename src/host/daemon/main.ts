/** The twin's process: reads its flags, starts, and ends on SIGTERM with everything on disk. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { engineLineOf } from '../../engine-api/api-message.ts';
import { messageOf } from '../../model/errors.ts';
import type { LogLine } from '../../swarm/ports.ts';
import { tellCrashesPlainly } from './crash.ts';
import { logTo, SkewableClock } from './real-ports.ts';
import { TwinNode } from './twin-node.ts';

const USAGE = `swarmtwin daemon: one node of the twin, in front of a dockerd

  --host ADDRESS       where to serve the Engine API: unix:///path or tcp://host:port; may be given several times
  --engine ADDRESS     the node's own dockerd, unix:///path
  --data-root FOLDER   where the node keeps its state
  --exec-root FOLDER   where the node keeps what containers see of secrets and configs, in memory (default /run/swarmtwin)
  --behave-like LINE   20.10, 26.1 or 28.5, where engines differ (default: as the engine behind)
  --log-level LEVEL    debug, info, warn or error (default info)
  --seed TEXT          seed of everything drawn (default: fresh, printed)
`;

const { values } = parseArgs({
  options: {
    host: { type: 'string', multiple: true, default: ['unix:///var/run/docker.sock'] },
    engine: { type: 'string', default: 'unix:///run/dockerd-engine.sock' },
    'data-root': { type: 'string', default: '/var/lib/swarmtwin' },
    'exec-root': { type: 'string', default: '/run/swarmtwin' },
    'behave-like': { type: 'string' },
    'log-level': { type: 'string', default: 'info' },
    seed: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

async function main(): Promise<void> {
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const dataRoot = values['data-root'];
  mkdirSync(dataRoot, { recursive: true, mode: 0o700 });
  const clock = new SkewableClock(join(dataRoot, 'clock-offset'));
  const log = logTo(process.stderr, () => values['log-level'] as LogLine['level'], clock);
  const node = await TwinNode.start({
    engineSocket: new URL(values.engine).pathname,
    dataRoot,
    execRoot: values['exec-root'],
    hosts: values.host.map((address) => ({ address })),
    ...(values['behave-like'] === undefined
      ? {}
      : { behaveLike: engineLineOf(values['behave-like']) }),
    ...(values.seed === undefined ? {} : { seed: values.seed }),
    clock,
    log,
  });
  endOnSignal(() => node.stop());
}

function endOnSignal(end: () => Promise<void>): void {
  let ending = false;
  const stop = (): void => {
    if (ending) return;
    ending = true;
    end().then(
      () => {
        process.exit(0);
      },
      (caught: unknown) => {
        process.stderr.write(`swarmtwin: could not end well: ${messageOf(caught)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

tellCrashesPlainly();
main().catch((caught: unknown) => {
  process.stderr.write(`swarmtwin: ${messageOf(caught)}\n`);
  process.exit(1);
});
