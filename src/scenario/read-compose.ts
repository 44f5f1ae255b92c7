/** A compose file as the services that `docker stack deploy` would create, in the Engine API's words. */
import { isAlias, isMap, LineCounter, parseDocument, type Node } from 'yaml';
import { SwarmtwinError } from '../model/errors.ts';
import type {
  ContainerSpec,
  EndpointSpec,
  HealthConfig,
  PortConfig,
  ServiceSpec,
} from '../model/specs.ts';
import { readDeploy, refuseUnknown, type Deploy } from './compose-deploy.ts';
import { ComposeNode, type ComposeLog } from './compose-node.ts';
import { durationOf, interpolated, mountOf, portsOf, wordsOf } from './compose-values.ts';

export interface Stack {
  readonly services: readonly ServiceSpec[];
  /** The networks that each service asks for, by its name; those that ask for none are not in it. */
  readonly networks: ReadonlyMap<string, readonly string[]>;
  /** What was read and cannot be simulated, each once. */
  readonly notes: readonly string[];
}

/** Read, but without a counterpart in a simulation, and what that means. */
const NOT_SIMULATED: Readonly<Record<string, string>> = {
  networks:
    'networks are not simulated: whether containers reach each other is not part of the answer',
  volumes: 'volumes are not simulated: every node is taken to have what a task mounts',
  secrets: 'secrets and configs are not simulated: tasks start without them',
  configs: 'secrets and configs are not simulated: tasks start without them',
  healthcheck: 'health checks run, and pass: what an image does inside is not known here',
};

/** What `docker stack deploy` itself leaves out, with a warning. */
const IGNORED_BY_SWARM = [
  ...['build', 'cgroup_parent', 'container_name', 'depends_on', 'devices', 'expose'],
  ...['external_links', 'links', 'network_mode', 'pid', 'privileged', 'restart', 'security_opt'],
  ...['shm_size', 'userns_mode', 'profiles', 'platform', 'ipc', 'mem_limit', 'cpus', 'scale'],
];
const SERVICE_FIELDS = [
  ...['image', 'command', 'entrypoint', 'environment', 'env_file', 'deploy', 'ports', 'labels'],
  ...['healthcheck', 'stop_grace_period', 'stop_signal', 'hostname', 'user', 'working_dir', 'init'],
  ...['volumes', 'networks', 'secrets', 'configs', 'logging', 'read_only', 'tmpfs', 'tty'],
  ...['stdin_open', 'cap_add', 'cap_drop', 'dns', 'dns_search', 'extra_hosts', 'sysctls'],
  ...['ulimits', 'isolation', 'domainname', 'mac_address', 'group_add', 'credential_spec'],
  ...['cgroupns_mode', 'oom_score_adj'],
];
const TOP_FIELDS = ['version', 'name', 'services', 'networks', 'volumes', 'secrets', 'configs'];

/** Whether a YAML text is a compose file and not a scenario. */
export function isCompose(text: string): boolean {
  const { contents } = parseDocument(plainSpaced(text), { merge: true });
  return isMap(contents) && contents.has('services');
}

/** Whether it is at least meant as a scenario: what is wrong with it is better said by who reads those. */
export function isScenario(text: string): boolean {
  const { contents, errors } = parseDocument(text);
  return (
    errors.length > 0 ||
    (isMap(contents) && ['steps', 'shape', 'suite'].some((name) => contents.has(name)))
  );
}

/** Text that was copied from a page may be indented with no-break spaces, each as wide as a plain one. */
const plainSpaced = (text: string): string =>
  text.replace(/^[ \u00a0]+/gm, (indent) => indent.replaceAll('\u00a0', ' '));

/** More mistakes than these follow from the first ones. */
const MOST_MISTAKES = 12;

/**
 * Reads a compose file; variables come from `variables`, as from the environment.
 * @throws SwarmtwinError `bad-scenario`, whose message has a line `file:line:column: what is wrong` for each mistake
 */
export function readCompose(
  text: string,
  fileName: string,
  variables: Readonly<Record<string, string | undefined>> = {},
): Stack {
  const lines = new LineCounter();
  const mistakes: Mistake[] = [];
  const notes = new Set<string>();
  const networks = new Map<string, readonly string[]>();
  const log: ComposeLog = {
    mistake: (offset, wrong) => mistakes.push({ offset, text: wrong }),
    note: (said) => notes.add(said),
    expand: (raw) =>
      interpolated(raw, variables, (name) => {
        notes.add(`the variable ${name} is not set: it is empty`);
      }),
    resolve: (node) => (isAlias(node) ? (node.resolve(document) ?? null) : node),
  };
  const plain = plainSpaced(text);
  if (plain !== text)
    notes.add(
      'the file is indented with no-break spaces, as text from a web page is: read as plain ones, which docker stack deploy does not',
    );
  const document = parseDocument(plain, { lineCounter: lines, prettyErrors: false, merge: true });
  for (const error of document.errors) log.mistake(error.pos[0], error.message);
  const services = mistakes.length > 0 ? [] : readTop(document.contents, log, networks);
  if (mistakes.length > 0)
    throw new SwarmtwinError(
      'bad-scenario',
      mistakeLines(mistakes, (offset) => {
        const { line, col } = lines.linePos(offset);
        return `${fileName}:${line}:${col}`;
      }).join('\n'),
      'Correct the file and predict again.',
    );
  return { services, networks, notes: [...notes] };
}

interface Mistake {
  readonly offset: number;
  readonly text: string;
}

/** In the order of the file; what is shared is read wherever it is used, and wrong once. */
function mistakeLines(
  mistakes: readonly Mistake[],
  placeOf: (offset: number) => string,
): readonly string[] {
  const sorted = mistakes.toSorted((a, b) => a.offset - b.offset);
  const once = sorted.filter(
    (each, at) => !sorted.slice(0, at).some((before) => isSame(before, each)),
  );
  const lines = once.map(({ offset, text }) => `${placeOf(offset)}: ${text}`);
  const more = lines.length - MOST_MISTAKES;
  return more <= 0 ? lines : [...lines.slice(0, MOST_MISTAKES), `and ${more} more`];
}

const isSame = (a: Mistake, b: Mistake): boolean =>
  a.offset === b.offset && withoutPath(a.text) === withoutPath(b.text);

const withoutPath = (text: string): string => text.replace(/^[^ ]*: /, '');

function readTop(
  contents: Node | null,
  log: ComposeLog,
  networks: Map<string, readonly string[]>,
): readonly ServiceSpec[] {
  const members = new ComposeNode(contents, '', 0, log).members();
  refuseUnknown(members, TOP_FIELDS);
  const node = members.get('services');
  const services = node?.members() ?? new Map<string, ComposeNode>();
  if (services.size === 0 && node?.isList !== true) log.mistake(0, 'there are no services');
  return [...services].map(([name, node]) => {
    const wanted = node.members().get('networks');
    if (wanted !== undefined)
      networks.set(name, wanted.isMap ? [...wanted.members().keys()] : wanted.texts());
    return readService(name, node);
  });
}

function readService(name: string, node: ComposeNode): ServiceSpec {
  const members = node.members();
  refuseUnknown(members, [...SERVICE_FIELDS, ...IGNORED_BY_SWARM]);
  for (const [field, found] of members) remark(field, found);
  const deploy = readDeploy(members.get('deploy'));
  const endpoint = endpointOf(members, deploy);
  return {
    Name: name,
    Labels: deploy.labels,
    TaskTemplate: {
      ContainerSpec: containerOf(members, node),
      ForceUpdate: 0,
      ...(deploy.resources === undefined ? {} : { Resources: deploy.resources }),
      ...(deploy.restart === undefined ? {} : { RestartPolicy: deploy.restart }),
      ...(deploy.placement === undefined ? {} : { Placement: deploy.placement }),
    },
    Mode: deploy.mode,
    ...(deploy.update === undefined ? {} : { UpdateConfig: deploy.update }),
    ...(deploy.rollback === undefined ? {} : { RollbackConfig: deploy.rollback }),
    ...(endpoint === undefined ? {} : { EndpointSpec: endpoint }),
  };
}

function remark(field: string, found: ComposeNode): void {
  const said = NOT_SIMULATED[field];
  if (said !== undefined) found.log.note(said);
  if (IGNORED_BY_SWARM.includes(field))
    found.log.note(`'${field}' is ignored, as docker stack deploy ignores it`);
}

function containerOf(members: ReadonlyMap<string, ComposeNode>, node: ComposeNode): ContainerSpec {
  const text = (name: string): string | null | undefined => members.get(name)?.text();
  const image = text('image');
  if (image === undefined) node.wrong("'image' is missing: a swarm builds nothing");
  const env = Object.entries(members.get('environment')?.pairs() ?? {});
  const entrypoint = commandOf(members.get('entrypoint'));
  const command = commandOf(members.get('command'));
  const grace = members.get('stop_grace_period')?.read(durationOf, 'a duration, as in 10s');
  const health = healthOf(members.get('healthcheck'));
  const mounts = (members.get('volumes')?.list() ?? [])
    .filter((item) => !item.isMap)
    .map((item) => mountOf(item.text() ?? ''));
  const set = (key: string, value: string | null | undefined): object =>
    value == null || value === '' ? {} : { [key]: value };
  return {
    Image: image ?? '',
    ...(entrypoint.length === 0 ? {} : { Command: entrypoint }),
    ...(command.length === 0 ? {} : { Args: command }),
    ...(env.length === 0 ? {} : { Env: env.map(([key, value]) => `${key}=${value}`) }),
    ...set('Hostname', text('hostname')),
    ...set('User', text('user')),
    ...set('Dir', text('working_dir')),
    ...set('StopSignal', text('stop_signal')),
    ...(grace == null ? {} : { StopGracePeriod: grace }),
    ...(health === undefined ? {} : { Healthcheck: health }),
    ...(mounts.length === 0 ? {} : { Mounts: mounts.filter(({ Type }) => Type === 'volume') }),
  };
}

const commandOf = (node: ComposeNode | undefined): readonly string[] => {
  if (node === undefined || node.isEmpty) return [];
  return node.isList ? node.texts() : wordsOf(node.text() ?? '');
};

function healthOf(node: ComposeNode | undefined): HealthConfig | undefined {
  if (node === undefined) return undefined;
  const members = node.members();
  if (members.get('disable')?.flag() === true) return { Test: ['NONE'] };
  const test = members.get('test');
  const time = (name: string): number | null | undefined =>
    members.get(name)?.read(durationOf, 'a duration, as in 10s');
  const [interval, timeout, start] = [time('interval'), time('timeout'), time('start_period')];
  const retries = members.get('retries')?.integer();
  return {
    ...(test === undefined
      ? {}
      : { Test: test.isList ? test.texts() : ['CMD-SHELL', test.text() ?? ''] }),
    ...(interval == null ? {} : { Interval: interval }),
    ...(timeout == null ? {} : { Timeout: timeout }),
    ...(start == null ? {} : { StartPeriod: start }),
    ...(retries == null ? {} : { Retries: retries }),
  };
}

function endpointOf(
  members: ReadonlyMap<string, ComposeNode>,
  { endpointMode }: Deploy,
): EndpointSpec | undefined {
  const published = (members.get('ports')?.list() ?? []).flatMap(portsAt);
  const ports = published.filter(({ PublishMode }) => PublishMode === 'host');
  if (ports.length < published.length)
    members
      .get('ports')
      ?.log.note(
        'the routing mesh is not simulated: ports published through it are taken to be free and to answer',
      );
  if (ports.length === 0 && endpointMode === undefined) return undefined;
  return {
    ...(endpointMode === undefined ? {} : { Mode: endpointMode }),
    ...(ports.length === 0 ? {} : { Ports: ports }),
  };
}

function portsAt(node: ComposeNode): readonly PortConfig[] {
  if (!node.isMap) return node.read(portsOf, 'a port, as in 8080:80 or 53:53/udp') ?? [];
  const members = node.members();
  refuseUnknown(members, [
    'target',
    'published',
    'protocol',
    'mode',
    'name',
    'host_ip',
    'app_protocol',
  ]);
  const published = members.get('published')?.integer();
  return [
    {
      Protocol: members.get('protocol')?.oneOf(['tcp', 'udp', 'sctp'] as const) ?? 'tcp',
      TargetPort: members.get('target')?.integer() ?? 0,
      ...(published == null ? {} : { PublishedPort: published }),
      PublishMode: members.get('mode')?.oneOf(['ingress', 'host'] as const) ?? 'ingress',
    },
  ];
}
