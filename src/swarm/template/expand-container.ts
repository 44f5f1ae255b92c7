/** Templates in a container's spec (behaviour.md 1.6; SwarmKit: template.ExpandContainerSpec). */
import { SwarmError } from '../../model/errors.ts';
import type { ContainerSpec, Labels, Mount } from '../../model/specs.ts';
import { parseTemplate } from './parse.ts';
import { runTemplate } from './run.ts';
import { TemplateProblem } from './tree.ts';
import type { Value } from './values.ts';

/**
 * The spec with every field expanded that Swarm expands: the values of the environment, mounts, hostname, in this order. A manager tries it with dummy values,
 * an agent does it with its task's. Errors: InvalidArgument `expanding <what> failed: …`.
 */
export function expandContainer(spec: ContainerSpec, values: Value): ContainerSpec {
  const { Env, Mounts, Hostname } = spec;
  return {
    ...spec,
    ...(Env === undefined ? {} : { Env: Env.map((line) => expandLine(line, values)) }),
    ...(Mounts === undefined ? {} : { Mounts: Mounts.map((mount) => expandMount(mount, values)) }),
    ...(Hostname === undefined
      ? {}
      : { Hostname: expand(Hostname, values, 'expanding hostname failed') }),
  };
}

/** Only what stands behind the `=` is a template. */
function expandLine(line: string, values: Value): string {
  const at = line.indexOf('=');
  if (at < 0) return line;
  const what = `expanding env failed: expanding env ${quoted(line)}`;
  return `${line.slice(0, at + 1)}${expand(line.slice(at + 1), values, what)}`;
}

function expandMount(mount: Mount, values: Value): Mount {
  const { Source, Target, VolumeOptions } = mount;
  const field = (name: 'source' | 'target', text: string): string =>
    expand(text, values, `expanding mounts failed: expanding mount ${name} ${quoted(text)}`);
  return {
    ...mount,
    ...(Source === undefined ? {} : { Source: field('source', Source) }),
    ...(Target === undefined ? {} : { Target: field('target', Target) }),
    ...(VolumeOptions === undefined ? {} : { VolumeOptions: expandVolume(VolumeOptions, values) }),
  };
}

type VolumeOptions = NonNullable<Mount['VolumeOptions']>;

function expandVolume(options: VolumeOptions, values: Value): VolumeOptions {
  const { Labels: labels, DriverConfig: driver } = options;
  const entries = (of: Labels, what: string): Labels =>
    Object.fromEntries(
      Object.entries(of).map(([key, text]) => {
        const entry = `expanding map entry ${quoted(key)}=${quoted(text)}`;
        return [key, expand(text, values, `expanding mounts failed: ${what}: ${entry}`)];
      }),
    );
  return {
    ...options,
    ...(labels === undefined ? {} : { Labels: entries(labels, 'expanding volume labels') }),
    ...(driver?.Options === undefined
      ? {}
      : {
          DriverConfig: {
            ...driver,
            Options: entries(driver.Options, 'expanding volume driver config'),
          },
        }),
  };
}

function expand(text: string, values: Value, what: string): string {
  if (!text.includes('{{')) return text;
  try {
    return runTemplate(text, parseTemplate(text), values);
  } catch (caught) {
    if (!(caught instanceof TemplateProblem)) throw caught;
    throw new SwarmError('InvalidArgument', `${what}: ${caught.message}`);
  }
}

/** Go's %q, as far as names and templates need it. */
const quoted = (text: string): string => JSON.stringify(text);
