import { parseArgs } from 'node:util';
import {
  labCut,
  labDown,
  labGc,
  labHeal,
  labKill,
  labPause,
  labSlow,
  labStart,
  labStatus,
  labStop,
  labUnplug,
  labUp,
  type LabChoice,
  type Lines,
} from '../lab/commands.ts';
import { LAB_SUBJECTS } from '../lab/lab.ts';
import { ensureEngine } from '../lab/engine/ensure-engine.ts';
import { removeStaleImages } from '../lab/images/stale-images.ts';
import { SwarmtwinError } from '../model/errors.ts';
import type { Plane } from '../model/fault.ts';
import { engineOf } from './run.ts';
import { print, progress } from './say.ts';
import { labBasics, setUp, sweepDead } from './set-up.ts';

const LAB_USAGE = `swarmtwin lab: a swarm of your own to break

  lab up [--subject swarm|twin|twin-managers|twin-agents] [--managers 3] [--workers 0] [--engine 26.1] [--name NAME] [--no-form]
                                  starts nodes, forms their swarm unless told not to, prints the DOCKER_HOST of each
  lab status [NAME]               labs, nodes, links, faults in force
  lab kill|stop|pause|unplug NODE …   breaks nodes: SIGKILL, graceful stop, freeze, network cable
  lab start NODE …                starts, thaws, plugs in again, with their data
  lab cut NODE … [--plane control|data|full]   cuts nodes off from the others (default full)
  lab slow NODE … [--latency 200] [--jitter 50]  delays what these nodes send and receive, in ms
  lab heal                        ends every fault of links
  lab down [NAME …]               removes labs and all that is their own; without a name the only one
  lab gc [--all]                  removes what dead runs left; --all: kept labs as well

  --lab NAME chooses among several labs.

  Exit codes: 0 it was done, 3 it was not.
`;

const OPTIONS = {
  subject: { type: 'string', default: 'swarm' },
  managers: { type: 'string', default: '3' },
  workers: { type: 'string', default: '0' },
  engine: { type: 'string', default: '26.1' },
  name: { type: 'string' },
  lab: { type: 'string' },
  plane: { type: 'string', default: 'full' },
  latency: { type: 'string', default: '200' },
  jitter: { type: 'string', default: '0' },
  form: { type: 'boolean', default: true },
  all: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

const parse = (args: readonly string[]) =>
  parseArgs({ args: [...args], allowPositionals: true, allowNegative: true, options: OPTIONS });

type Values = ReturnType<typeof parse>['values'];

const COMMANDS: readonly string[] =
  'up status kill stop pause unplug start cut slow heal down gc'.split(' ');

/** `swarmtwin lab …`. Errors: `bad-usage`, and whatever the lab says. */
export async function lab(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  const [command, ...names] = positionals;
  if (values.help || command === undefined) {
    print(LAB_USAGE);
    return command === undefined && !values.help ? 3 : 0;
  }
  if (!COMMANDS.includes(command))
    throw new SwarmtwinError(
      'bad-usage',
      `there is no lab command ${command}`,
      `Lab commands are ${COMMANDS.join(', ')}.`,
    );
  ignoreLabNode();
  print(...(await carryOut(command, names, values)));
  return 0;
}

// Whoever followed the printed `export DOCKER_HOST=…` talks to a node now; labs are found on the engine that carries them.
function ignoreLabNode(): void {
  const host = process.env['DOCKER_HOST'];
  if (host === undefined || !/^tcp:\/\/198\.1[89]\./.test(host)) return;
  progress(`DOCKER_HOST is ${host}, a node of a lab; using this machine's own engine`);
  delete process.env['DOCKER_HOST'];
}

async function carryOut(command: string, names: readonly string[], values: Values): Promise<Lines> {
  const choice: LabChoice = values.lab === undefined ? {} : { lab: values.lab };
  const [first] = names;
  // Those two sweep by themselves.
  if (command !== 'gc' && command !== 'up') await sweepDead();
  switch (command) {
    case 'up':
      return up(values);
    case 'status':
      return labStatus(first ?? values.lab);
    case 'down':
      return down(names.length > 0 ? names : [values.lab]);
    case 'gc':
      return [...(await labGc({ all: values.all })), ...(await staleImages())];
    case 'heal':
      return labHeal(choice);
    default:
      return breakNodes(command, names, values, choice);
  }
}

async function down(names: readonly (string | undefined)[]): Promise<Lines> {
  const lines: string[] = [];
  for (const name of names) lines.push(...(await labDown(name)));
  return lines;
}

/** Images of recipes that are no longer these, where nothing uses them. */
async function staleImages(): Promise<Lines> {
  const { docker } = await ensureEngine(progress);
  return (await removeStaleImages(docker)).map((name) => `removed image ${name}`);
}

async function breakNodes(
  command: string,
  nodes: readonly string[],
  values: Values,
  choice: LabChoice,
): Promise<Lines> {
  if (nodes.length === 0)
    throw new SwarmtwinError(
      'bad-usage',
      `lab ${command}: which nodes?`,
      `Type: swarmtwin lab ${command} n1`,
    );
  switch (command) {
    case 'kill':
      return labKill(nodes, choice);
    case 'stop':
      return labStop(nodes, choice);
    case 'pause':
      return labPause(nodes, choice);
    case 'unplug':
      return labUnplug(nodes, choice);
    case 'start':
      return labStart(nodes, choice);
    case 'cut':
      return labCut(nodes, { ...choice, plane: planeOf(values.plane) });
    case 'slow':
      return labSlow(nodes, latencyOf(values), choice);
    default:
      throw new SwarmtwinError(
        'bad-usage',
        `there is no lab command ${command}`,
        'Type: swarmtwin lab --help',
      );
  }
}

async function up(values: Values): Promise<Lines> {
  const engine = engineOf(values.engine);
  const subject = LAB_SUBJECTS.find((each) => each === values.subject);
  if (subject === undefined) {
    throw new SwarmtwinError(
      'bad-usage',
      `there is no subject ${values.subject}`,
      `Subjects are ${LAB_SUBJECTS.join(', ')}.`,
    );
  }
  const managers = numberOf('managers', values.managers);
  const workers = numberOf('workers', values.workers);
  if (managers === 0)
    throw new SwarmtwinError('bad-usage', 'a lab without a manager', 'Give at least --managers 1.');
  const ready = await setUp([engine]);
  return labUp({
    ...labBasics(ready, engine),
    ...(values.name === undefined ? {} : { name: values.name }),
    ...{ subject, managers, workers },
    onProgress: ({ step, atMs }) => {
      progress(`${(atMs / 1000).toFixed(1)} s: ${step}`);
    },
    ...(values.form ? {} : { form: false as const }),
  });
}

function planeOf(text: string): Plane {
  if (text === 'control' || text === 'data' || text === 'full') return text;
  throw new SwarmtwinError(
    'bad-usage',
    `there is no plane ${text}`,
    'Planes are control, data and full.',
  );
}

const latencyOf = (values: Values) =>
  ({
    kind: 'latency',
    latencyMs: numberOf('latency', values.latency),
    jitterMs: numberOf('jitter', values.jitter),
  }) as const;

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new SwarmtwinError(
    'bad-usage',
    `--${name} ${text} is not a whole number`,
    `Give it as --${name} 3.`,
  );
}
