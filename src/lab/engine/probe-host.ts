/** What the machine under the lab can do; a claim that needs what is not there is inconclusive, never passed. */

import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { within } from './deadline.ts';
import type { EngineInfo } from './engine-probe.ts';
import { capabilityNames, kernelHas } from './kernel-facts.ts';
import type { KernelFiles, Presence } from './kernel-facts.ts';

/** Facts about the host, for reports and for what to leave out. */
export interface HostFacts {
  readonly engineVersion: string;
  readonly kernel: string;
  readonly cgroupVersion: 1 | 2;
  /** IP virtual server: what virtual addresses and the routing mesh of Swarm stand on. */
  readonly ipvs: Presence;
  /** The packet scheduler that delays and loses packets. */
  readonly netem: Presence;
  readonly cores: number;
  readonly memoryBytes: number;
  /** Capabilities a process here can have, without CAP_. */
  readonly capabilities: readonly string[];
  /** Names of the engine's security modules: seccomp, apparmor, selinux, … */
  readonly securityModules: readonly string[];
}

const ANSWER_MS = 10_000;

/** Asks the engine and this machine. They are taken to be the same machine: the lab needs that anyway. */
export async function probeHost(engine: EngineInfo): Promise<HostFacts> {
  const info = (await within(
    ANSWER_MS,
    'asking the engine about its host',
    engine.docker.info(),
  )) as EngineSays;
  const files = readKernelFiles(info.KernelVersion);
  return {
    engineVersion: engine.version,
    kernel: info.KernelVersion,
    cgroupVersion: info.CgroupVersion === '2' ? 2 : 1,
    ipvs: existsSync('/proc/net/ip_vs') ? 'yes' : kernelHas(files, 'IP_VS', 'ip_vs'),
    netem: kernelHas(files, 'NET_SCH_NETEM', 'sch_netem'),
    cores: info.NCPU,
    memoryBytes: info.MemTotal,
    capabilities: capabilityNames(readFileSync('/proc/self/status', 'utf8')),
    securityModules: (info.SecurityOptions ?? []).flatMap(
      (option) => /name=([^,]+)/.exec(option)?.[1] ?? [],
    ),
  };
}

/** The part of GET /info that is read here. */
interface EngineSays {
  readonly KernelVersion: string;
  readonly CgroupVersion?: string;
  readonly NCPU: number;
  readonly MemTotal: number;
  readonly SecurityOptions?: readonly string[] | null;
}

function readKernelFiles(release: string): KernelFiles {
  const read = (path: string): string | undefined =>
    existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  const folder = `/lib/modules/${release}`;
  const config = existsSync('/proc/config.gz')
    ? gunzipSync(readFileSync('/proc/config.gz')).toString()
    : read(`/boot/config-${release}`);
  return {
    config,
    builtIn: read(`${folder}/modules.builtin`),
    loadable: read(`${folder}/modules.dep`),
  };
}
