/** Reads what a kernel can do from the files it and its package leave. */

export type Presence = 'yes' | 'no' | 'unknown';

/** The contents, where the files are there. */
export interface KernelFiles {
  readonly config: string | undefined;
  readonly builtIn: string | undefined;
  readonly loadable: string | undefined;
}

/**
 * Whether the kernel has an option: built in, or as a module that is there to be loaded. A module that the configuration
 * knows and the disk does not have cannot be loaded, so it is not there.
 */
export function kernelHas(files: KernelFiles, option: string, module: string): Presence {
  const setting = new RegExp(`^CONFIG_${option}=(.)`, 'm').exec(files.config ?? '')?.[1];
  if (setting === 'y') return 'yes';
  const lists = [files.builtIn, files.loadable];
  if (lists.some((list) => list?.includes(`/${module}.ko`) === true)) return 'yes';
  const isListed = lists.some((list) => list !== undefined);
  return files.config !== undefined || isListed ? 'no' : 'unknown';
}

/** Linux capabilities by their numbers, see capabilities(7). */
const CAPABILITIES = [
  ...['CHOWN', 'DAC_OVERRIDE', 'DAC_READ_SEARCH', 'FOWNER', 'FSETID', 'KILL', 'SETGID', 'SETUID'],
  ...['SETPCAP', 'LINUX_IMMUTABLE', 'NET_BIND_SERVICE', 'NET_BROADCAST', 'NET_ADMIN', 'NET_RAW'],
  ...['IPC_LOCK', 'IPC_OWNER', 'SYS_MODULE', 'SYS_RAWIO', 'SYS_CHROOT', 'SYS_PTRACE', 'SYS_PACCT'],
  ...['SYS_ADMIN', 'SYS_BOOT', 'SYS_NICE', 'SYS_RESOURCE', 'SYS_TIME', 'SYS_TTY_CONFIG', 'MKNOD'],
  ...['LEASE', 'AUDIT_WRITE', 'AUDIT_CONTROL', 'SETFCAP', 'MAC_OVERRIDE', 'MAC_ADMIN', 'SYSLOG'],
  ...['WAKE_ALARM', 'BLOCK_SUSPEND', 'AUDIT_READ', 'PERFMON', 'BPF', 'CHECKPOINT_RESTORE'],
];

/** The bounding set in /proc/self/status, as names without CAP_. */
export function capabilityNames(status: string): readonly string[] {
  const mask = BigInt(`0x${/^CapBnd:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '0'}`);
  return CAPABILITIES.filter((_, bit) => (mask & (1n << BigInt(bit))) !== 0n);
}
