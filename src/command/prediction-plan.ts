/** What a prediction plays: a scenario as it stands, or the services of a scenario or a compose file under a schedule of faults. */
import { basename } from 'node:path';
import { SwarmtwinError } from '../model/errors.ts';
import { nodeNames, type Scenario, type Shape } from '../model/scenario.ts';
import type { Labels, ServiceSpec } from '../model/specs.ts';
import { parseScenario } from '../scenario/parse.ts';
import { parseDuration, parseSchedule } from '../scenario/parse-schedule.ts';
import type { SchedulePlan } from '../scenario/play-schedule.ts';
import { isCompose, isScenario, readCompose } from '../scenario/read-compose.ts';
import { specOf } from '../scenario/service-spec.ts';
import { readNamed } from './named-file.ts';
import { scenariosNamed } from './run.ts';
import { refuseUnplayable, refuseUnsimulated } from './unsimulated-steps.ts';

/** The command's options, as they were typed. */
export interface Values {
  readonly fault: readonly string[];
  readonly managers?: string | undefined;
  readonly workers?: string | undefined;
  readonly label: readonly string[];
  readonly for?: string | undefined;
  readonly seed?: string | undefined;
}

export interface Plan {
  readonly scenario: Scenario;
  /** Null for a scenario that is played as it stands. */
  readonly plan: SchedulePlan | null;
  readonly notes: readonly string[];
}

/** Errors: `bad-usage`, `bad-scenario`. */
export function planOf(what: string, values: Values): Plan {
  const isFile = /\.ya?ml$/.test(what);
  const text = isFile ? readNamed(what, 'Name a compose file or a scenario.') : '';
  if (isFile && isCompose(text)) {
    const { services, notes } = readCompose(text, what, process.env);
    const shape = shapeOf(values, { managers: 3, workers: 2 });
    const planned = stackPlan(basename(what), services, shape, values);
    return { ...planned, notes: [...notes, ...missingLabels(services, planned.plan)] };
  }
  if (isFile && !isScenario(text))
    throw new SwarmtwinError(
      'bad-scenario',
      `${what}:1:1: expected a compose file, a map with services, or a scenario, a map with name, suite, shape and steps`,
      'fixtures/stacks/shop.yaml is one, and the README shows the other.',
    );
  const { scenario: found, places } = isFile
    ? parseScenario(text, what)
    : { scenario: oneScenario(what), places: [] };
  const scenario = values.seed === undefined ? found : { ...found, seed: values.seed };
  if (values.fault.length === 0 && values.for === undefined) {
    refuseShape(values);
    refuseUnplayable(scenario);
    refuseUnsimulated(scenario, places);
    return { scenario, plan: null, notes: [] };
  }
  const services = scenario.steps.flatMap((step) => (step.do === 'create' ? [specOf(step)] : []));
  const shape = shapeOf(values, scenario.shape);
  return { ...stackPlan(scenario.name, services, shape, values), notes: [] };
}

function oneScenario(name: string): Scenario {
  const found = scenariosNamed([name]);
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  const names = found.map(({ suite, name: own }) => `${suite}/${own}`).join(', ');
  throw new SwarmtwinError(
    'bad-usage',
    `${name} is ${found.length} scenarios: ${names}`,
    'Name one of them.',
  );
}

/** After the last fault, and where there is none. */
const AFTER_S = 120;
const QUIET_S = 60;

function stackPlan(
  name: string,
  services: readonly ServiceSpec[],
  shape: Shape,
  values: Values,
): Pick<Plan, 'scenario' | 'plan'> {
  const stage = { shape, services: services.map(({ Name }) => Name) };
  const schedule = parseSchedule(values.fault, stage);
  const last = schedule.at(-1);
  const forS = values.for === undefined ? null : parseDuration(values.for);
  if (values.for !== undefined && forS === null)
    throw new SwarmtwinError('bad-usage', `--for ${values.for} is no time`, 'Write 90s or 5m.');
  if (forS !== null && last !== undefined && last.atS >= forS)
    throw new SwarmtwinError(
      'bad-usage',
      `'at ${last.atS}s ${last.text}' comes after the end at ${forS} s`,
      'Play longer with --for.',
    );
  const scenario: Scenario = {
    ...{ name, suite: 'slot-refill', title: name, shape, claims: [], steps: [], expectedS: 1 },
    seed: values.seed ?? name,
  };
  const plan: SchedulePlan = {
    ...{ scenario, services, schedule, labels: labelsOf(values.label, shape) },
    forS: forS ?? (last === undefined ? QUIET_S : last.atS + AFTER_S),
  };
  return { scenario, plan };
}

function shapeOf({ managers, workers }: Values, otherwise: Shape): Shape {
  const count = (
    text: string | undefined,
    name: string,
    least: number,
    without: number,
  ): number => {
    if (text === undefined) return without;
    if (/^\d+$/.test(text) && Number(text) >= least) return Number(text);
    throw new SwarmtwinError(
      'bad-usage',
      `--${name} ${text} is no number of nodes`,
      `Write ${least} or more.`,
    );
  };
  return {
    managers: count(managers, 'managers', 1, otherwise.managers),
    workers: count(workers, 'workers', 0, otherwise.workers),
  };
}

function refuseShape({ managers, workers, label }: Values): void {
  if (managers === undefined && workers === undefined && label.length === 0) return;
  throw new SwarmtwinError(
    'bad-usage',
    'a scenario that is played as it stands brings its own nodes',
    'Leave --managers, --workers and --label out, or give a schedule with --fault.',
  );
}

/** A constraint on a label that no node has keeps tasks from running, and may only be a flag that was not typed. */
function missingLabels(
  services: readonly ServiceSpec[],
  plan: SchedulePlan | null,
): readonly string[] {
  const given = new Set(
    [...(plan?.labels.values() ?? [])].flatMap((labels) => Object.keys(labels)),
  );
  const constraints = services.flatMap((spec) => spec.TaskTemplate.Placement?.Constraints ?? []);
  const asked = constraints.flatMap(
    (text) => /^\s*node\.labels\.([\w.-]+)\s*==/.exec(text)?.[1] ?? [],
  );
  return [...new Set(asked)]
    .filter((label) => !given.has(label))
    .map(
      (label) =>
        `no node has the label ${label} that a constraint asks for: give it with --label n4:${label}=…`,
    );
}

function labelsOf(texts: readonly string[], shape: Shape): ReadonlyMap<string, Labels> {
  const labels = new Map<string, Labels>();
  for (const text of texts) {
    const [, node = '', key = '', value = ''] = /^(n\d+):([^=]+)=(.*)$/.exec(text) ?? [];
    if (!nodeNames(shape).includes(node))
      throw new SwarmtwinError('bad-usage', `--label ${text} names no node`, 'Write n4:disk=ssd.');
    labels.set(node, { ...labels.get(node), [key]: value });
  }
  return labels;
}
