/** A stack as the docker CLI deploys and removes it: it keeps nothing anywhere but in the labels of what it makes. */
import type { ServiceSpec } from '../model/specs.ts';
import { createService, operate, removeService } from './operations.ts';
import type { Caller, Outcome } from './operations.ts';
import { readCompose } from './read-compose.ts';
import { STACK_LABEL, listOfStack } from './service-operations.ts';

const IMAGE_LABEL = 'com.docker.stack.image';

/** Makes the networks that services of the file ask for, then the services; stops at the first that fails. */
export async function deployStack(caller: Caller, stack: string, file: string): Promise<Outcome> {
  const { services, networks } = readCompose(file, `${stack}.yaml`);
  const labels = { [STACK_LABEL]: stack };
  const wanted = [...new Set(services.flatMap(({ Name }) => networks.get(Name) ?? []))];
  let last: Outcome = { outcome: 'fail', status: 0, text: 'the file has no services', value: null };
  for (const name of wanted) {
    const Name = `${stack}_${name}`;
    const body = { Name, Driver: 'overlay', Labels: labels };
    last = await operate(named(caller, `create network ${Name}`), {
      ...{ method: 'POST', path: '/networks/create', body },
    });
    if (last.outcome !== 'ok') return last;
  }
  for (const spec of services) {
    const body = inStack(spec, stack, networks.get(spec.Name) ?? []);
    last = await createService(named(caller, `create ${body.Name}`), body);
    if (last.outcome !== 'ok') return last;
  }
  return last;
}

const named = (caller: Caller, label: string): Caller => ({ ...caller, label });

function inStack(spec: ServiceSpec, stack: string, networks: readonly string[]): ServiceSpec {
  const { TaskTemplate: template } = spec;
  const container = template.ContainerSpec ?? { Image: '' };
  const attached = networks.map((name) => ({ Target: `${stack}_${name}`, Aliases: [spec.Name] }));
  return {
    ...spec,
    Name: `${stack}_${spec.Name}`,
    Labels: { ...spec.Labels, [STACK_LABEL]: stack, [IMAGE_LABEL]: container.Image },
    TaskTemplate: {
      ...template,
      ContainerSpec: { ...container, Labels: { ...container.Labels, [STACK_LABEL]: stack } },
      ...(attached.length === 0 ? {} : { Networks: attached }),
    },
  };
}

/** How often a network is tried that a task may still be on, and after which pause. */
const TRIES = 20;
const PAUSE_MS = 500;

/** Services first, then networks, each found by the stack's label. */
export async function removeStack(caller: Caller, stack: string): Promise<Outcome> {
  let last = await listOfStack(named(caller, `${caller.label}: its services`), 'services', stack);
  for (const { Spec } of itemsOf(last))
    last = await removeService(named(caller, `remove ${Spec?.Name ?? ''}`), Spec?.Name ?? '');
  const networks = await listOfStack(
    named(caller, `${caller.label}: its networks`),
    'networks',
    stack,
  );
  for (const { Id = '', Name = '' } of itemsOf(networks))
    last = await removeNetwork(named(caller, `remove network ${Name}`), Id);
  return last;
}

interface ApiItem {
  readonly Id?: string;
  readonly Name?: string;
  readonly Spec?: { readonly Name?: string };
}

const itemsOf = ({ outcome, value }: Outcome): readonly ApiItem[] =>
  outcome === 'ok' ? (value as readonly ApiItem[]) : [];

async function removeNetwork(caller: Caller, id: string): Promise<Outcome> {
  const { target } = caller.client;
  const remove = (): Promise<Outcome> =>
    operate(caller, { method: 'DELETE', path: `/networks/${id}` });
  let last = await remove();
  for (let tries = 1; tries < TRIES && last.outcome !== 'ok'; tries += 1) {
    await target.advance(PAUSE_MS);
    last = await remove();
  }
  return last;
}
