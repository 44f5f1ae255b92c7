/** The labels everything of a lab carries from the moment it exists. They are all that a later process knows of it. */
import type { Owner } from './owner.ts';
import { LAB_SUBJECTS } from './lab.ts';
import type { Subject } from './lab.ts';
import type { LabShape, PlannedNode } from './lab-plan.ts';

export const LAB_LABEL = 'swarmtwin.lab';

/** What a container is in its lab. */
export type ThingRole = 'node' | 'proxy' | 'network' | 'disk';

/** What the labels say about a lab. */
export interface LabIdentity {
  readonly id: string;
  readonly name: string;
  readonly subject: Subject;
  readonly engine: string;
  readonly prefix: string;
  readonly shape: Required<LabShape>;
  readonly diskBytes: number;
  readonly kept: boolean;
  readonly owner: Owner;
}

export type Labels = Record<string, string>;

/** The labels of one thing of a lab. */
export function labelsFor(lab: LabIdentity, role: ThingRole, node?: PlannedNode): Labels {
  return {
    [LAB_LABEL]: lab.id,
    'swarmtwin.name': lab.name,
    'swarmtwin.subject': lab.subject,
    'swarmtwin.engine': lab.engine,
    'swarmtwin.prefix': lab.prefix,
    'swarmtwin.shape': [lab.shape.managers, lab.shape.workers, lab.shape.spares].join('+'),
    'swarmtwin.disk': String(lab.diskBytes),
    'swarmtwin.kept': lab.kept ? '1' : '0',
    'swarmtwin.pid': String(lab.owner.pid),
    'swarmtwin.started': lab.owner.started,
    'swarmtwin.boot': lab.owner.boot,
    'swarmtwin.machine': lab.owner.machine,
    'swarmtwin.pids': lab.owner.pidNamespace,
    'swarmtwin.role': role,
    ...(node === undefined ? {} : { 'swarmtwin.node': node.name }),
  };
}

/** Reads labels back; undefined where they are not a lab's. Labels that somebody damaged read as an unknown owner. */
export function labOf(labels: Readonly<Record<string, string>>): LabIdentity | undefined {
  const id = labels[LAB_LABEL];
  if (id === undefined) return undefined;
  const [managers = 0, workers = 0, spares = 0] = word(labels, 'shape').split('+').map(Number);
  return {
    id,
    name: word(labels, 'name'),
    subject: LAB_SUBJECTS.find((each) => each === word(labels, 'subject')) ?? 'swarm',
    engine: word(labels, 'engine'),
    prefix: word(labels, 'prefix'),
    shape: { managers, workers, spares },
    diskBytes: Number(word(labels, 'disk') || '0'),
    kept: word(labels, 'kept') === '1',
    owner: {
      pid: Number(word(labels, 'pid')),
      started: word(labels, 'started'),
      boot: word(labels, 'boot'),
      machine: word(labels, 'machine'),
      pidNamespace: word(labels, 'pids'),
    },
  };
}

const word = (labels: Readonly<Record<string, string>>, name: string): string =>
  labels[`swarmtwin.${name}`] ?? '';
