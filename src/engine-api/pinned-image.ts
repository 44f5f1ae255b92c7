/** Images of clients before API 1.30, which leave it to the daemon to ask a registry what a tag stands for (moby: imageWithDigestString). */
import type { ServiceSpec } from '../model/specs.ts';
import { isImageReference } from '../swarm/control/image-reference.ts';
import { compareVersions } from './version-order.ts';
import type { Call } from './call.ts';

const SINCE_CLIENTS_ASK = '1.30';
const ID = /^sha256:[0-9a-f]{64}$/;

export interface PinnedSpec {
  readonly spec: ServiceSpec;
  /** For the client's eyes. */
  readonly warnings: readonly string[];
}

/** Goes on with the digest in place of the tag, or with a warning where no registry answers for it. */
export function pinImage(
  call: Call,
  spec: ServiceSpec,
  credentials: string,
  next: (pinned: PinnedSpec) => void,
): void {
  const container = spec.TaskTemplate.ContainerSpec;
  const isLeftToUs = compareVersions(call.version, SINCE_CLIENTS_ASK) < 0;
  if (!isLeftToUs || call.options.asksNoRegistry === true || container === undefined) {
    next({ spec, warnings: [] });
    return;
  }
  const { Image } = container;
  // What is no name of an image the leader refuses.
  if (Image.includes('@') || ID.test(Image) || !isImageReference(Image)) {
    next({ spec, warnings: [] });
    return;
  }
  const familiar = Image.replace(/^docker\.io\/(library\/)?/, '');
  const tagged = /:[^/:]+$/.test(familiar) ? familiar : `${familiar}:latest`;
  const headers = credentials === '' ? {} : { 'x-registry-auth': credentials };
  const path = `/distribution/${tagged}/json`;
  const question = { method: 'GET', path, query: new Map(), headers, body: new Uint8Array() };
  call.node.engine(question, ({ status, body }) => {
    const digest = status === 200 ? digestIn(body) : '';
    if (digest === '') next({ spec, warnings: [warning(Image)] });
    else next({ spec: withImage(spec, `${tagged}@${digest}`), warnings: [] });
  });
}

function digestIn(body: string): string {
  const answer = JSON.parse(body) as { readonly Descriptor?: { readonly digest?: string } };
  return answer.Descriptor?.digest ?? '';
}

function withImage(spec: ServiceSpec, Image: string): ServiceSpec {
  const { TaskTemplate } = spec;
  const { ContainerSpec } = TaskTemplate;
  if (ContainerSpec === undefined) return spec;
  return { ...spec, TaskTemplate: { ...TaskTemplate, ContainerSpec: { ...ContainerSpec, Image } } };
}

const warning = (image: string): string =>
  `image ${image} could not be accessed on a registry to record\nits digest. Each node will access ${image} independently,\npossibly leading to different nodes running different\nversions of the image.\n`;
