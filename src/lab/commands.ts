/**
 * The lab for people, one function per `swarmtwin lab` command. They remember nothing between calls: the lab is found by its labels, its faults in the proxy and in the nodes.
 * Each gives lines to print; errors are SwarmtwinErrors.
 */
import { SwarmtwinError } from '../model/errors.ts';
import type { Fault, LinkToxic, NodeName, Plane, Proof } from '../model/fault.ts';
import { attachLab } from './attach-lab.ts';
import { createLab } from './create-lab.ts';
import { findLabs, isWhole } from './find-labs.ts';
import type { FoundLab } from './find-labs.ts';
import { allLinks } from './lab-plan.ts';
import type { FormOptions, Lab, LabOptions } from './lab.ts';
import { away } from './partition-shapes.ts';
import { sweep } from './sweep.ts';
import type { SweepOptions } from './sweep.ts';

export type Lines = readonly string[];

/** `lab up`: starts a lab that stays, and forms its swarm unless told not to. */
export async function labUp(
  options: Omit<LabOptions, 'kept'> & { readonly form?: FormOptions | false },
): Promise<Lines> {
  await sweep();
  await refuseTakenName(options.name);
  const { form = {}, ...rest } = options;
  const lab = await createLab({ ...rest, kept: true });
  try {
    if (form !== false) await lab.formSwarm(form);
  } catch (error) {
    await lab.down();
    throw error;
  }
  return describe(lab);
}

/** Two labs of one name could not be told apart later. Errors: `bad-usage`. */
export async function refuseTakenName(name: string | undefined): Promise<void> {
  const taken = (await findLabs()).some(({ identity }) => identity.name === name);
  if (taken)
    throw new SwarmtwinError(
      'bad-usage',
      `there is a lab ${name ?? ''} already`,
      `Remove it with \`swarmtwin lab down ${name ?? ''}\`, or choose another name.`,
    );
}

/** What a person needs to drive the lab with their own docker CLI. */
export function describe(lab: Lab): Lines {
  return [
    `lab ${lab.name} (${lab.id}): ${lab.subject}, engine ${lab.engine}`,
    ...lab.nodes.map(
      (node) =>
        `${node.name} ${node.role}${lab.subject.includes('-') ? ` (${node.kind})` : ''}: export DOCKER_HOST=${node.dockerHost}`,
    ),
  ];
}

/** `lab status`: all labs, or one with its nodes, links and toxics. */
export async function labStatus(nameOrId?: string): Promise<Lines> {
  const labs = await findLabs();
  const wanted = labs.filter(
    ({ identity }) => nameOrId === undefined || [identity.id, identity.name].includes(nameOrId),
  );
  if (wanted.length === 0 && nameOrId === undefined) return ['no labs'];
  if (wanted.length === 0) await attachLab(nameOrId);
  const each = await Promise.all(wanted.map((found) => statusLines(found)));
  return each.flat();
}

async function statusLines(found: FoundLab): Promise<Lines> {
  const { id, name } = found.identity;
  if (!isWhole(found))
    return [
      `lab ${name} (${id}): starting, or left half-built; \`swarmtwin lab gc\` removes what is nobody's`,
    ];
  const lab = await attachLab(id);
  const [states, links] = await Promise.all([lab.status(), lab.links()]);
  return [
    ...describe(lab),
    ...states.map(({ node, state, cutOff }) =>
      [
        `${node.name}: ${state}`,
        ...(cutOff.length > 0 ? [`hears no data from ${cutOff.join(', ')}`] : []),
      ].join('; '),
    ),
    ...links
      .filter((link) => link.toxics.length > 0)
      .map((link) => `link ${link.from}-${link.to}: ${link.toxics.join(', ')}`),
  ];
}

/** `lab down`: removes a lab. */
export async function labDown(nameOrId?: string): Promise<Lines> {
  const lab = await attachLab(nameOrId);
  await lab.down();
  return [`lab ${lab.name} is removed`];
}

/** `lab gc`: removes what dead runs left; with `all`, kept labs too. */
export async function labGc(options: SweepOptions = {}): Promise<Lines> {
  const swept = await sweep(options);
  if (swept.length === 0) return ['nothing to remove'];
  return swept.map((lab) => `removed lab ${lab.name}: ${lab.why}`);
}

/** Which lab; the only one unless named. */
export interface LabChoice {
  readonly lab?: string;
}

export const labKill = (nodes: readonly NodeName[], choice: LabChoice = {}): Promise<Lines> =>
  each(choice, nodes, (node) => ({ kind: 'kill', node }));

export const labStop = (nodes: readonly NodeName[], choice: LabChoice = {}): Promise<Lines> =>
  each(choice, nodes, (node) => ({ kind: 'stop', node }));

export const labPause = (nodes: readonly NodeName[], choice: LabChoice = {}): Promise<Lines> =>
  each(choice, nodes, (node) => ({ kind: 'pause', node }));

export const labUnplug = (nodes: readonly NodeName[], choice: LabChoice = {}): Promise<Lines> =>
  each(choice, nodes, (node) => ({ kind: 'unplug', node }));

/** `lab start`: brings nodes back, whatever took them down. Links and other faults stay as they are. */
export async function labStart(nodes: readonly NodeName[], choice: LabChoice = {}): Promise<Lines> {
  const lab = await attachLab(choice.lab);
  const proofs = await Promise.all(nodes.map((node) => lab.bringBack(node)));
  return proofs.map(proofLine);
}

/** `lab cut`: keeps the nodes apart from all others. */
export async function labCut(
  nodes: readonly NodeName[],
  choice: LabChoice & { readonly plane?: Plane } = {},
): Promise<Lines> {
  const lab = await attachLab(choice.lab);
  const fault = away(nodes, namesOf(lab), choice.plane ?? 'full');
  return [proofLine((await lab.inject(fault)).proof)];
}

/** `lab slow`: delays what goes to and from the nodes on the control plane. */
export async function labSlow(
  nodes: readonly NodeName[],
  toxic: LinkToxic & { readonly kind: 'latency' | 'bandwidth' },
  choice: LabChoice = {},
): Promise<Lines> {
  const lab = await attachLab(choice.lab);
  nodes.forEach((name) => lab.node(name));
  const links = allLinks(namesOf(lab)).filter(
    ({ from, to }) => nodes.includes(from) !== nodes.includes(to),
  );
  const active = await lab.inject({ kind: 'links', links, toxic, plane: 'control' });
  return [proofLine(active.proof)];
}

/** `lab heal`: puts everything right. */
export async function labHeal(choice: LabChoice = {}): Promise<Lines> {
  const lab = await attachLab(choice.lab);
  return (await lab.healAll()).map(proofLine);
}

async function each(
  choice: LabChoice,
  nodes: readonly NodeName[],
  fault: (node: NodeName) => Fault,
): Promise<Lines> {
  const lab = await attachLab(choice.lab);
  nodes.forEach((name) => lab.node(name));
  const active = await Promise.all(nodes.map((node) => lab.inject(fault(node))));
  return active.map(({ proof }) => proofLine(proof));
}

const namesOf = (lab: Lab): readonly NodeName[] => lab.nodes.map((node) => node.name);

const proofLine = (proof: Proof): string => `${proof.looked}: ${proof.before} -> ${proof.after}`;
