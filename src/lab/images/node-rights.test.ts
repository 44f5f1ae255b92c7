import { expect, test } from '@jest/globals';
import { isToolError } from '../../model/errors.ts';
import { nodeRights } from './node-rights.ts';

const capabilities = ['CHOWN', 'SYS_ADMIN', 'NET_ADMIN', 'SYS_PTRACE', 'SYS_MODULE'];

test('a node asks for three capabilities and not for all that the host has', () => {
  expect(nodeRights({ capabilities, securityModules: ['seccomp'] })).toEqual({
    CapAdd: ['SYS_ADMIN', 'NET_ADMIN', 'SYS_PTRACE'],
    SecurityOpt: ['seccomp=unconfined'],
    MaskedPaths: [],
    ReadonlyPaths: [],
    DeviceCgroupRules: ['a *:* rwm'],
    CgroupnsMode: 'private',
  });
});

test('AppArmor and SELinux are lifted only where they are', () => {
  const { SecurityOpt } = nodeRights({
    capabilities,
    securityModules: ['apparmor', 'seccomp', 'selinux'],
  });
  expect(SecurityOpt).toEqual(['seccomp=unconfined', 'apparmor=unconfined', 'label=disable']);
});

test('a host without a needed capability is told which', () => {
  const attempt = (): unknown => nodeRights({ capabilities: ['SYS_ADMIN'], securityModules: [] });
  expect(attempt).toThrow(/does not have NET_ADMIN, SYS_PTRACE/);
  try {
    attempt();
  } catch (error) {
    expect(isToolError(error)).toBe(true);
  }
});
