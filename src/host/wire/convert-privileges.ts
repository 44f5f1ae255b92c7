/** A container's privileges between the API's words and the wire. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { base64, flag, fromBase64, prune, some, text, words } from './convert-basics.ts';
import type { PrivilegesSchema } from './gen/types_pb.js';
import {
  Privileges_AppArmorOpts_AppArmorMode,
  Privileges_SeccompOpts_SeccompMode,
} from './gen/types_pb.js';
import type * as types from './gen/types_pb.js';

type Wire = MessageInitShape<typeof PrivilegesSchema>;
type Options = Readonly<Record<string, unknown>>;

const SECCOMP_MODES = words(
  {
    default: Privileges_SeccompOpts_SeccompMode.DEFAULT,
    unconfined: Privileges_SeccompOpts_SeccompMode.UNCONFINED,
    custom: Privileges_SeccompOpts_SeccompMode.CUSTOM,
  },
  'default',
);
const APPARMOR_MODES = words(
  {
    default: Privileges_AppArmorOpts_AppArmorMode.DEFAULT,
    disabled: Privileges_AppArmorOpts_AppArmorMode.DISABLED,
  },
  'default',
);

export function privilegesToWire(privileges: Options): Wire {
  return prune({
    credentialSpec: some(part(privileges, 'CredentialSpec'), credentialToWire),
    selinuxContext: some(part(privileges, 'SELinuxContext'), (context) => ({
      disable: context['Disable'] === true,
      user: string(context, 'User'),
      role: string(context, 'Role'),
      type: string(context, 'Type'),
      level: string(context, 'Level'),
    })),
    seccomp: some(part(privileges, 'Seccomp'), (seccomp) => ({
      mode:
        SECCOMP_MODES.find(string(seccomp, 'Mode')) ?? Privileges_SeccompOpts_SeccompMode.DEFAULT,
      profile: fromBase64(string(seccomp, 'Profile')),
    })),
    apparmor: some(part(privileges, 'AppArmor'), (apparmor) => ({
      mode:
        APPARMOR_MODES.find(string(apparmor, 'Mode')) ??
        Privileges_AppArmorOpts_AppArmorMode.DEFAULT,
    })),
    noNewPrivileges: privileges['NoNewPrivileges'] === true,
  });
}

export function privilegesFromWire(wire: types.Privileges): Options {
  return prune({
    CredentialSpec: some(wire.credentialSpec, credentialFromWire),
    SELinuxContext: some(wire.selinuxContext, (context) =>
      prune({
        Disable: flag(context.disable),
        User: text(context.user),
        Role: text(context.role),
        Type: text(context.type),
        Level: text(context.level),
      }),
    ),
    Seccomp: some(wire.seccomp, (seccomp) =>
      prune({
        Mode: SECCOMP_MODES.fromWire(seccomp.mode),
        Profile: text(base64(seccomp.profile)),
      }),
    ),
    AppArmor: some(wire.apparmor, (apparmor) => ({
      Mode: APPARMOR_MODES.fromWire(apparmor.mode),
    })),
    NoNewPrivileges: flag(wire.noNewPrivileges),
  });
}

function credentialToWire(spec: Options): NonNullable<Wire['credentialSpec']> {
  const cases = { File: 'file', Registry: 'registry', Config: 'config' } as const;
  for (const [name, wireCase] of Object.entries(cases)) {
    const value = string(spec, name);
    if (value !== '') return { source: { case: wireCase, value } };
  }
  return {};
}

function credentialFromWire({ source }: types.Privileges_CredentialSpec): Options {
  switch (source.case) {
    case 'file':
      return { File: source.value };
    case 'registry':
      return { Registry: source.value };
    case 'config':
      return { Config: source.value };
    default:
      return {};
  }
}

const part = (options: Options, name: string): Options | undefined => {
  const value = options[name];
  return typeof value === 'object' && value !== null ? (value as Options) : undefined;
};

const string = (options: Options, name: string): string => {
  const value = options[name];
  return typeof value === 'string' ? value : '';
};
