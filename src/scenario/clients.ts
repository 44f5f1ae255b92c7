/**
 * Several clients that read and write the same few registers beside a scenario's steps. A register is a service of no tasks: its label, its scale, or
 * whether there is one of that name. Whether what they were told can be is the judge's business (checker/linearizable.ts).
 */
import type { NodeName } from '../model/fault.ts';
import type { ClientAsks, RegisterKind, RegisterTold } from '../model/history.ts';
import { createRandom, type Random } from '../model/random.ts';
import type { Step } from '../model/scenario.ts';
import type { ServiceSpec } from '../model/specs.ts';
import { operate, type Caller, type Client, type Crowd, type Outcome } from './operations.ts';
import { specOf } from './service-spec.ts';

/** Shorter than the 20 s that Swarm itself waits: while no leader answers, a client has more than one turn. */
const PATIENCE_MS = 5000;
/** So many scales are taken in turns. */
const SCALES = 4;
const LABEL = 'written';

interface Register {
  readonly name: string;
  readonly of: RegisterKind;
}

/** One of each kind, and a second label. */
const REGISTERS: readonly Register[] = [
  { name: 'register-label-1', of: 'label' },
  { name: 'register-label-2', of: 'label' },
  { name: 'register-scale', of: 'scale' },
  { name: 'register-name', of: 'name' },
];

/** Nothing of it is ever placed. */
const specFor = (name: string): ServiceSpec => ({
  ...specOf({
    ...{ service: name, image: 'v1', replicas: 0, constraints: ['node.hostname==nowhere'] },
  }),
  Labels: { [LABEL]: '0' },
});

interface One {
  readonly number: number;
  readonly node: NodeName;
  readonly random: Random;
  readonly client: Client;
  /** Whoever writes waits for an answer while there is none to be had; who reads goes on, and sees what a deposed leader tells. */
  readonly readsOnly: boolean;
  turns: number;
}

/** Makes the registers and sets the clients to work. Each has its own draws, from the number it bears. */
export async function startClients(
  step: Extract<Step, { do: 'start-clients' }>,
  client: Client,
): Promise<Crowd> {
  const { target } = client;
  const managers = target.nodes.filter(({ role }) => role === 'manager').map(({ name }) => name);
  for (const { name, of } of REGISTERS) {
    const caller = { client, node: managers[0] ?? '', label: `make the register ${name}` };
    const body = specFor(name);
    if (of !== 'name') await operate(caller, { method: 'POST', path: '/services/create', body });
  }
  let isOver = false;
  const work = async (one: One): Promise<void> => {
    while (!isOver) {
      await turn(one);
      await target.advance(step.everyS * one.random.between(500, 1500));
    }
  };
  const works = Array.from({ length: step.clients }, (_, number) =>
    work({
      ...{ number, client, turns: 0, node: managers[number % managers.length] ?? '' },
      readsOnly: number >= managers.length,
      random: createRandom(`client ${number}`),
    }),
  );
  const ended = Promise.allSettled(works);
  return {
    stop: async () => {
      isOver = true;
      const broken = (await ended).find(({ status }) => status === 'rejected');
      if (broken?.status === 'rejected') throw broken.reason;
    },
  };
}

/** A read, and more often than not a write on top of what it told. */
async function turn(one: One): Promise<void> {
  one.turns += 1;
  const register = REGISTERS[one.random.below(REGISTERS.length)] as Register;
  const read = await operate(
    callerOf(one, register, {}),
    { method: 'GET', path: `/services/${register.name}` },
    (value) => told(register, value as ApiService),
  );
  if (one.readsOnly || one.random.next() < 0.3) return;
  if (register.of === 'name') await makeOrRemove(one, register, read);
  else if (read.outcome === 'ok') await write(one, register, read.value as ApiService);
}

interface ApiService {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly Spec: ServiceSpec;
}

function told({ of }: Register, { ID, Version, Spec }: ApiService): RegisterTold {
  if (of === 'name') return { id: ID };
  const scale = String(Spec.Mode.Replicated?.Replicas ?? 0);
  return { version: Version.Index, value: of === 'scale' ? scale : (Spec.Labels[LABEL] ?? '') };
}

async function write(one: One, register: Register, read: ApiService): Promise<void> {
  const isScale = register.of === 'scale';
  const value = isScale ? String(one.turns % SCALES) : `${one.number}.${one.turns}`;
  const change: Partial<ServiceSpec> = isScale
    ? { Mode: { Replicated: { Replicas: Number(value) } } }
    : { Labels: { [LABEL]: value } };
  const version = read.Version.Index;
  await operate(callerOf(one, register, { version, value }), {
    method: 'POST',
    path: `/services/${read.ID}/update?version=${version}`,
    body: { ...read.Spec, ...change },
  });
}

async function makeOrRemove(one: One, register: Register, read: Outcome): Promise<void> {
  const caller = callerOf(one, register, {});
  const body = specFor(register.name);
  if (read.outcome === 'ok')
    await operate(caller, { method: 'DELETE', path: `/services/${register.name}` });
  else if (read.status === 404)
    await operate(caller, { method: 'POST', path: '/services/create', body }, (value) => ({
      id: (value as Pick<ApiService, 'ID'>).ID,
    }));
}

const callerOf = (
  { number, node, client }: One,
  { name, of }: Register,
  written: Pick<ClientAsks, 'version' | 'value'>,
): Caller => ({
  ...{ client, node, label: `client ${number}`, deadlineMs: PATIENCE_MS },
  asks: { client: number, register: name, of, ...written },
});
