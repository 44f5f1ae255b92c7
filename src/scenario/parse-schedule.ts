/** A schedule of faults as people type it: `at 30s kill leader`, `at 60s heal`. */
import { SwarmtwinError } from '../model/errors.ts';
import {
  nodeNames,
  type FaultDraft,
  type NodeRef,
  type Shape,
  type Step,
} from '../model/scenario.ts';

/** What is done at a time; a heal without a node heals all that is in force. */
export type Action =
  { readonly do: 'step'; readonly step: Step } | { readonly do: 'heal'; readonly node?: NodeRef };

export interface Scheduled {
  /** Seconds from when all is up. */
  readonly atS: number;
  readonly text: string;
  readonly action: Action;
}

export const SCHEDULE_FORMS = `"at TIME ACTION", for example "at 30s kill leader"; actions are
    kill NODE, stop NODE, pause NODE, unplug NODE      the node dies, ends in order, freezes, loses its cable
    isolate NODE                                       its managers and it cannot reach each other
    partition n1,n2 | rest                             the groups cannot reach each other
    kill-container SERVICE[.SLOT]                      one task's container dies
    skew-clock NODE SECONDS                            its clock is wrong
    drain NODE, activate NODE, scale SERVICE=N, update SERVICE
    heal [NODE]                                        all faults, or those on a node
  NODE is n2, leader, follower, follower-2, worker or worker-2; TIME is 90s, 1m30s or 500ms`;

/** What a schedule may speak of. */
export interface Stage {
  readonly shape: Shape;
  readonly services: readonly string[];
}

/**
 * In the order of time. Errors: `bad-usage` with every text that cannot be played and what is wrong with it, and with what can be written.
 */
export function parseSchedule(texts: readonly string[], stage: Stage): readonly Scheduled[] {
  const mistakes: string[] = [];
  const schedule = texts.flatMap((text, index) => {
    const scheduled = parseScheduled(text, index);
    const wrong = typeof scheduled === 'string' ? scheduled : misfit(scheduled.action, stage);
    if (wrong !== '') mistakes.push(`'${text}' cannot be played: ${wrong}`);
    return typeof scheduled === 'string' ? [] : [scheduled];
  });
  if (mistakes.length > 0)
    throw new SwarmtwinError('bad-usage', mistakes.join('\n'), `Write ${SCHEDULE_FORMS}`);
  return schedule.sort((a, b) => a.atS - b.atS);
}

/** The action and its time, or what is wrong. */
function parseScheduled(text: string, index: number): Scheduled | string {
  const [, time, rest] = /^\s*at\s+(\S+)(?:\s+(.+?))?\s*$/i.exec(text) ?? [];
  if (time === undefined) return "it does not begin with 'at TIME'";
  const atS = parseDuration(time);
  if (atS === null) return `'${time}' is no time`;
  if (rest === undefined) return 'it names no action';
  const action = parseAction(rest, `fault-${index + 1}`);
  return typeof action === 'string' ? action : { atS, text: rest, action };
}

/** What an action names that this swarm cannot have; '' when all of it may be there. */
function misfit(action: Action, { shape, services }: Stage): string {
  const { nodes, service } = namedIn(action);
  const odd = nodes.find((node) => node !== 'rest' && !mayBe(node, shape));
  if (odd !== undefined)
    return `there is no ${odd} among ${shape.managers} managers and ${shape.workers} workers (${nodeNames(shape).join(', ')})`;
  if (service !== undefined && !services.includes(service))
    return `there is no service ${service}, there is ${services.join(', ')}`;
  return '';
}

interface Named {
  readonly nodes: readonly NodeRef[];
  readonly service?: string;
}

function namedIn(action: Action): Named {
  if (action.do === 'heal') return { nodes: action.node === undefined ? [] : [action.node] };
  const { step } = action;
  if (step.do === 'set-node') return { nodes: [step.node] };
  if (step.do === 'update') return { nodes: [], service: step.service };
  if (step.do !== 'inject') return { nodes: [] };
  const { fault } = step;
  if (fault.kind === 'partition') return { nodes: fault.groups.flat() };
  if ('service' in fault) return { nodes: [], service: fault.service };
  return { nodes: 'node' in fault ? [fault.node] : [] };
}

/** Whether a node can be what the reference says, at some moment. */
function mayBe(node: NodeRef, shape: Shape): boolean {
  const [, kind = '', place = '1'] = /^(follower|worker)(?:-(\d+))?$/.exec(node) ?? [];
  if (kind === 'worker') return Number(place) <= shape.workers;
  if (kind === 'follower') return Number(place) < shape.managers;
  return !/^n\d+$/.test(node) || nodeNames(shape).includes(node);
}

const UNITS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };

/** Seconds of `1m30s`, `90s`, `500ms` or `90`; null for anything else. */
export function parseDuration(text: string): number | null {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  if (!/^(\d+(\.\d+)?(h|ms|m|s))+$/.test(text)) return null;
  let seconds = 0;
  for (const [, value = '', unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g))
    seconds += Number(value) * (UNITS[unit] ?? 0);
  return seconds;
}

/** The action, or what is wrong with it. */
function parseAction(text: string, name: string): Action | string {
  const [verb = '', ...rest] = text.split(/\s+/);
  const object = rest.join(' ');
  switch (verb.toLowerCase()) {
    case 'kill':
    case 'stop':
    case 'pause':
    case 'unplug':
      return onNode(object, (node) => inject(name, { kind: verb.toLowerCase() as 'kill', node }));
    case 'isolate':
      return onNode(object, (node) =>
        inject(name, { kind: 'partition', groups: [['rest'], [node]], plane: 'control' }),
      );
    case 'partition':
      return partition(object, name);
    case 'kill-container':
      return killContainer(object, name);
    case 'skew-clock':
      return skewClock(rest, name);
    case 'drain':
      return onNode(object, (node) => ({ do: 'set-node', node, availability: 'drain' }));
    case 'activate':
      return onNode(object, (node) => ({ do: 'set-node', node, availability: 'active' }));
    case 'scale':
      return scale(object);
    case 'update':
      return object === ''
        ? 'it names no service'
        : { do: 'step', step: { do: 'update', service: object, force: true } };
    case 'heal':
      if (object === '' || object === 'all') return { do: 'heal' };
      return NODE_REF.test(object) ? { do: 'heal', node: object } : notNode(object);
    default:
      return `there is no action '${verb}'`;
  }
}

const inject = (as: string, fault: FaultDraft): Step => ({ do: 'inject', as, fault });

/** As in a scenario, but without the names that only a scenario gives. */
const NODE_REF = /^(n[1-9]\d*|leader|(follower|worker)(-[1-9]\d*)?)$/;

const notNode = (text: string): string =>
  text === ''
    ? 'it names no node'
    : `'${text}' is no node, expected n1, leader, follower, follower-2, worker or worker-2`;

const onNode = (text: string, make: (node: NodeRef) => Step): Action | string =>
  NODE_REF.test(text) ? { do: 'step', step: make(text) } : notNode(text);

function partition(text: string, name: string): Action | string {
  const groups = text
    .split('|')
    .map((group) => group.split(/[\s,]+/).filter((word) => word !== ''));
  if (groups.length < 2 || groups.some((group) => group.length === 0))
    return 'a partition needs two groups, as in n1,n2 | rest';
  const odd = groups.flat().find((word) => word !== 'rest' && !NODE_REF.test(word));
  if (odd !== undefined) return notNode(odd);
  return { do: 'step', step: inject(name, { kind: 'partition', groups, plane: 'control' }) };
}

function killContainer(text: string, name: string): Action | string {
  const found = /^([\w-]+)(?:\.(\d+))?$/.exec(text);
  if (found === null) return `'${text}' is no SERVICE or SERVICE.SLOT`;
  const slot = found[2] === undefined ? {} : { slot: Number(found[2]) };
  const fault = { kind: 'kill-container', service: found[1] ?? '', ...slot } as const;
  return { do: 'step', step: inject(name, fault) };
}

function skewClock([node = '', by = '']: readonly string[], name: string): Action | string {
  const seconds = parseDuration(by.replace(/^[+-]/, ''));
  if (!NODE_REF.test(node)) return notNode(node);
  if (seconds === null) return `'${by}' is no time to be off by, as in -30s`;
  const offsetMs = (by.startsWith('-') ? -1 : 1) * seconds * 1000;
  return { do: 'step', step: inject(name, { kind: 'skew-clock', node, offsetMs }) };
}

function scale(text: string): Action | string {
  const found = /^([\w-]+)=(\d+)$/.exec(text);
  if (found === null) return `'${text}' is not SERVICE=N`;
  const [, service = '', replicas = '0'] = found;
  return { do: 'step', step: { do: 'update', service, replicas: Number(replicas) } };
}
