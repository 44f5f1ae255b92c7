/** The twin's process: reads its flags, starts, and ends on SIGTERM with everything on disk. */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DEFAULT_OPTIONS, type EngineLine } from '../../engine-api/api-message.ts';
import { messageOf } from '../../model/errors.ts';
import { createRandom } from '../../model/random.ts';
import type { LogLine } from '../../swarm/ports.ts';
import { ApiServer } from '../http/api-server.ts';
import { TwinDaemon } from './daemon.ts';
import { nodeView } from './node-view.ts';
import { logTo, SkewableClock } from './real-ports.ts';

const USAGE = `swarmtwin daemon: one node of the twin, in front of a dockerd

  --host ADDRESS       where to serve the Engine API: unix:///path or tcp://host:port; may be given several times
  --engine ADDRESS     the node's own dockerd, unix:///path
  --data-root FOLDER   where the node keeps its state
  --exec-root FOLDER   where the node keeps what containers see of secrets and configs, in memory (default /run/swarmtwin)
  --behave-like LINE   20.10, 26.1 or 28.5, where engines differ (default: as the engine behind)
  --log-level LEVEL    debug, info, warn or error (default info)
  --seed TEXT          seed of everything drawn (default: fresh, printed)
`;

/** How long the engine may take to answer for the first time, and how often it is asked. */
const ENGINE_START_MS = 60_000;
const ENGINE_POLL_MS = 50;

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

interface EngineVersion {
  readonly Version: string;
  readonly ApiVersion: string;
  readonly MinAPIVersion: string;
}

async function main(): Promise<void> {
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const dataRoot = values['data-root'];
  mkdirSync(dataRoot, { recursive: true, mode: 0o700 });
  const clock = new SkewableClock(join(dataRoot, 'clock-offset'));
  const log = logTo(process.stderr, values['log-level'] as LogLine['level'], clock);
  const seed = values.seed ?? randomBytes(16).toString('hex');
  log({ level: 'info', part: 'host', message: `seed ${seed}` });
  const random = createRandom(seed);
  const engineSocket = new URL(values.engine).pathname;
  const daemon = new TwinDaemon({
    engineSocket,
    dataRoot,
    execRoot: values['exec-root'],
    random,
    clock,
    log,
  });
  const version = await engineVersion(daemon);
  const line = (values['behave-like'] ?? lineOf(version.Version)) as EngineLine;
  const server = new ApiServer({
    view: nodeView(daemon.node, daemon.docker, random.fork()),
    docker: daemon.docker,
    engine: { socketPath: engineSocket },
    events: daemon.events,
    api: {
      ...DEFAULT_OPTIONS[line],
      engineVersion: version.Version,
      apiVersion: version.ApiVersion,
      minApiVersion: version.MinAPIVersion,
    },
    clockOffsetMs: () => clock.offsetMs,
    log: (message) => {
      log({ level: 'warn', part: 'api', message });
    },
  });
  await daemon.start();
  for (const host of values.host) await server.listen(host);
  log({
    level: 'info',
    part: 'host',
    message: `API listens on ${values.host.join(', ')}, engine ${version.Version}`,
  });
  endOnSignal(async () => {
    await server.close();
    await daemon.stop();
  });
}

async function engineVersion(daemon: TwinDaemon): Promise<EngineVersion> {
  const give = Date.now() + ENGINE_START_MS;
  for (;;) {
    try {
      return await daemon.docker.version();
    } catch (caught) {
      if (Date.now() > give)
        throw new Error(
          `dockerd did not answer at ${values.engine} within ${ENGINE_START_MS} ms: ${messageOf(caught)}`,
          { cause: caught },
        );
      await new Promise((resolve) => setTimeout(resolve, ENGINE_POLL_MS));
    }
  }
}

/** The line of engines whose behaviour is nearest to a version: the newest that is not newer. */
function lineOf(version: string): EngineLine {
  const major = Number(version.split('.')[0]);
  if (major >= 28) return '28.5';
  return major >= 23 ? '26.1' : '20.10';
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

main().catch((caught: unknown) => {
  process.stderr.write(`swarmtwin: ${messageOf(caught)}\n`);
  process.exit(1);
});
