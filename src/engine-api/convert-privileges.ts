import type { ContainerSpec } from '../model/specs.ts';
import { refused } from './posted.ts';

interface PostedPrivileges {
  readonly CredentialSpec?: {
    readonly Config?: string;
    readonly File?: string;
    readonly Registry?: string;
  };
  readonly SELinuxContext?: Readonly<Record<string, unknown>>;
  readonly Seccomp?: { readonly Mode?: string; readonly Profile?: string };
  readonly AppArmor?: { readonly Mode?: string };
  readonly NoNewPrivileges?: boolean;
}

/** Privileges as SwarmKit keeps them; modes it does not know are `default` (moby: convert.containerToGRPC). */
export function convertPrivileges(
  given: Readonly<Record<string, unknown>>,
): NonNullable<ContainerSpec['Privileges']> {
  const posted = given as PostedPrivileges;
  const result: Record<string, unknown> = {};
  if (posted.CredentialSpec !== undefined)
    result['CredentialSpec'] = credentialSpec(posted.CredentialSpec);
  if (posted.SELinuxContext !== undefined) result['SELinuxContext'] = posted.SELinuxContext;
  if (posted.Seccomp !== undefined) {
    const { Mode, Profile = '' } = posted.Seccomp;
    result['Seccomp'] = {
      Mode: Mode === 'unconfined' || Mode === 'custom' ? Mode : 'default',
      ...(Profile === '' ? {} : { Profile }),
    };
  }
  if (posted.AppArmor !== undefined)
    result['AppArmor'] = { Mode: posted.AppArmor.Mode === 'disabled' ? 'disabled' : 'default' };
  if (posted.NoNewPrivileges === true) result['NoNewPrivileges'] = true;
  return result;
}

function credentialSpec(
  posted: NonNullable<PostedPrivileges['CredentialSpec']>,
): NonNullable<PostedPrivileges['CredentialSpec']> {
  const kinds = (['Config', 'File', 'Registry'] as const).filter(
    (kind) => (posted[kind] ?? '') !== '',
  );
  const names = kinds.map((kind) => `"${kind.toLowerCase()}"`);
  const [first, second, third] = names;
  if (first === undefined)
    throw refused(
      'invalid CredentialSpec: must either provide "file", "registry", or "config" for credential spec',
    );
  if (second !== undefined)
    throw refused(
      `invalid CredentialSpec: cannot specify both ${third === undefined ? `${first} and ${second}` : `${first}, ${second}, and ${third}`} credential specs`,
    );
  return posted;
}
