/** A schedule of faults as people type it: `at 30s kill leader`, `at 60s heal`. */
import { SwarmtwinError } from '../model/errors.ts';
import type { FaultDraft, NodeRef, Step } from '../model/scenario.ts';
import { NODE_REF, NODE_REF_FORMS } from './resolve.ts';

/** What is done at a time; a heal without a node heals all that is in force. */
export type Action =
  { readonly do: 'step'; readonly step: Step } | { readonly do: 'heal'; readonly node?: NodeRef };

export interface Scheduled {
  /** Seconds from when all is up. */
  readonly atS: number;
  readonly text: string;
  readonly action: Action;
}

export const SCHEDULE_FORMS = `at TIME ACTION, for example 'at 30s kill leader'; actions are
    kill NODE, stop NODE, pause NODE, unplug NODE      the node dies, ends in order, freezes, loses its cable
    isolate NODE                                       its managers and it cannot reach each other
    partition n1,n2 | rest                             the groups cannot reach each other
    kill-container SERVICE[.SLOT]                      one task's container dies
    skew-clock NODE SECONDS                            its clock is wrong
    drain NODE, activate NODE, scale SERVICE=N, update SERVICE
    heal [NODE]                                        all faults, or those on a node
  NODE is n2, leader, follower, follower-2, worker, worker-2; TIME is 90s, 1m30s or 500ms`;

/** In the order of time. Errors: `bad-usage` with the text, what is wrong with it, and what can be written. */
export function parseSchedule(texts: readonly string[]): readonly Scheduled[] {
  return texts.map((text, index) => parseScheduled(text, index)).sort((a, b) => a.atS - b.atS);
}

function parseScheduled(text: string, index: number): Scheduled {
  const words = /^\s*at\s+(\S+)\s+(.+?)\s*$/i.exec(text);
  if (words === null) throw wrong(text, "it does not begin with 'at TIME'");
  const atS = parseDuration(words[1] ?? '');
  if (atS === null) throw wrong(text, `'${words[1] ?? ''}' is no time`);
  const action = parseAction(words[2] ?? '', `fault-${index + 1}`);
  if (typeof action === 'string') throw wrong(text, action);
  return { atS, text: words[2] ?? '', action };
}

const wrong = (text: string, why: string): SwarmtwinError =>
  new SwarmtwinError('bad-usage', `'${text}' cannot be played: ${why}`, `Write ${SCHEDULE_FORMS}.`);

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

const notNode = (text: string): string =>
  text === '' ? 'it names no node' : `'${text}' is no node, expected ${NODE_REF_FORMS}`;

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
