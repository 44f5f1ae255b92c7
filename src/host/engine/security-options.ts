import type { ContainerSpec } from '../../model/specs.ts';

/** Privileges in the shape in which they are kept (engine-api: convert-privileges). */
interface Privileges {
  readonly CredentialSpec?: {
    readonly Config?: string;
    readonly File?: string;
    readonly Registry?: string;
  };
  readonly SELinuxContext?: {
    readonly Disable?: boolean;
    readonly User?: string;
    readonly Role?: string;
    readonly Type?: string;
    readonly Level?: string;
  };
  readonly Seccomp?: { readonly Mode?: string; readonly Profile?: string };
  readonly AppArmor?: { readonly Mode?: string };
  readonly NoNewPrivileges?: boolean;
}

/** A container's privileges as the engine takes them, in moby's order (containerConfig.applyPrivileges). */
export function securityOptions(given: NonNullable<ContainerSpec['Privileges']>): string[] {
  const { CredentialSpec, SELinuxContext, Seccomp, AppArmor, NoNewPrivileges } =
    given as Privileges;
  return [
    ...option('credentialspec=file://', CredentialSpec?.File),
    ...option('credentialspec=registry://', CredentialSpec?.Registry),
    ...option('credentialspec=config://', CredentialSpec?.Config),
    ...(SELinuxContext?.Disable === true ? ['label=disable'] : []),
    ...option('label=user:', SELinuxContext?.User),
    ...option('label=role:', SELinuxContext?.Role),
    ...option('label=level:', SELinuxContext?.Level),
    ...option('label=type:', SELinuxContext?.Type),
    ...(Seccomp?.Mode === 'unconfined' ? ['seccomp=unconfined'] : []),
    ...(Seccomp?.Mode === 'custom' ? [`seccomp=${profileOf(Seccomp.Profile)}`] : []),
    ...(AppArmor?.Mode === 'disabled' ? ['apparmor=unconfined'] : []),
    ...(NoNewPrivileges === true ? ['no-new-privileges=true'] : []),
  ];
}

const option = (key: string, value = ''): readonly string[] => (value === '' ? [] : [key + value]);

/** Go's JSON carries bytes in base 64; the engine takes the profile itself. */
const profileOf = (profile = ''): string => Buffer.from(profile, 'base64').toString();
