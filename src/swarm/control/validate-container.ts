/** A container spec as the leader judges it (SwarmKit: controlapi/service.go); refusals reach people with the rpc prefix. */
import { SwarmError } from '../../model/errors.ts';
import type { ConfigReference, ContainerSpec, Mount, SecretReference } from '../../model/specs.ts';
import { expandContainer } from '../template/expand-container.ts';
import { dummyValues } from '../template/values.ts';
import { isImageReference } from './image-reference.ts';

const MILLISECOND = 1_000_000;

/** Throws InvalidArgument for the first thing that is wrong: templates, image, mounts, health check, in SwarmKit's order. */
export function checkContainer(spec: ContainerSpec): void {
  const prepared = expandContainer(spec, dummyValues());
  checkImage(prepared.Image);
  checkMounts(prepared.Mounts ?? []);
  checkHealth(prepared);
}

function checkImage(image: string): void {
  if (image === '') throw invalid('ContainerSpec: image reference must be provided');
  if (!isImageReference(image))
    throw invalid(`ContainerSpec: ${quoted(image)} is not a valid repository/tag`);
}

function checkMounts(mounts: readonly Mount[]): void {
  const targets = new Set<string>();
  for (const { Target = '' } of mounts) {
    if (targets.has(Target)) throw invalid(`ContainerSpec: duplicate mount point: ${Target}`);
    targets.add(Target);
  }
}

function checkHealth({ Healthcheck }: ContainerSpec): void {
  if (Healthcheck === undefined) return;
  for (const key of ['Interval', 'Timeout', 'StartPeriod', 'StartInterval'] as const) {
    const value = Healthcheck[key] ?? 0;
    if (value !== 0 && value < MILLISECOND)
      throw invalid(`ContainerSpec: ${key} in HealthConfig cannot be less than 1ms`);
  }
  if ((Healthcheck.Retries ?? 0) < 0)
    throw invalid('ContainerSpec: Retries in HealthConfig cannot be negative');
}

/** Secrets and configs must name what they refer to and where it goes, each to a place of its own. */
export function checkReferences(spec: ContainerSpec): void {
  checkFiles(
    'secret',
    (spec.Secrets ?? []).map((one: SecretReference) => ({
      ...one,
      id: one.SecretID,
      name: one.SecretName,
      hasTarget: one.File !== undefined,
    })),
  );
  checkFiles(
    'config',
    (spec.Configs ?? []).map((one: ConfigReference) => ({
      ...one,
      id: one.ConfigID,
      name: one.ConfigName,
      hasTarget: one.File !== undefined || one.Runtime !== undefined,
    })),
  );
  checkCredentialSpec(spec);
}

interface Reference {
  readonly id: string;
  readonly name: string;
  readonly hasTarget: boolean;
  readonly File?: { readonly Name: string };
}

function checkFiles(kind: 'secret' | 'config', references: readonly Reference[]): void {
  const targets = new Map<string, string>();
  for (const { id, name, hasTarget, File } of references) {
    if (id === '' || name === '') throw invalid(`malformed ${kind} reference`);
    if (!hasTarget) throw invalid(`malformed ${kind} reference, no target provided`);
    if (File === undefined) continue;
    if (File.Name === '')
      throw invalid(`malformed file ${kind} reference, invalid target file name provided`);
    const other = targets.get(File.Name);
    if (other !== undefined)
      throw invalid(
        `${kind} references '${other}' and '${name}' have a conflicting target: '${File.Name}'`,
      );
    targets.set(File.Name, name);
  }
}

function checkCredentialSpec(spec: ContainerSpec): void {
  const credentials = spec.Privileges?.['CredentialSpec'] as
    { readonly Config?: string } | undefined;
  const config = credentials?.Config ?? '';
  const found = spec.Configs?.some((one) => one.Runtime !== undefined && one.ConfigID === config);
  if (config !== '' && found !== true)
    throw invalid(
      `CredentialSpec references config '${config}', but that config isn't in config references with RuntimeTarget`,
    );
}

/** Go's %q, as far as names and templates need it. */
const quoted = (text: string): string => JSON.stringify(text);

const invalid = (message: string): SwarmError => new SwarmError('InvalidArgument', message);
