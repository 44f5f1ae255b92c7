import { expect, test } from '@jest/globals';
import { capabilityNames, kernelHas } from './kernel-facts.ts';

const nothing = { config: undefined, builtIn: undefined, loadable: undefined };

test('a kernel that leaves no files is not judged', () => {
  expect(kernelHas(nothing, 'IP_VS', 'ip_vs')).toBe('unknown');
});

test('what the configuration builds in is there', () => {
  const config = 'CONFIG_IP_VS_RR=m\nCONFIG_IP_VS=y\n';
  expect(kernelHas({ ...nothing, config }, 'IP_VS', 'ip_vs')).toBe('yes');
});

test('a module counts only when it can be loaded', () => {
  const config = 'CONFIG_IP_VS=m\n# CONFIG_NET_SCH_NETEM is not set\n';
  const loadable = 'kernel/net/netfilter/ipvs/ip_vs.ko.xz: kernel/lib/libcrc32c.ko.xz\n';
  expect(kernelHas({ ...nothing, config, loadable }, 'IP_VS', 'ip_vs')).toBe('yes');
  expect(kernelHas({ ...nothing, config }, 'IP_VS', 'ip_vs')).toBe('no');
  expect(kernelHas({ ...nothing, config, loadable }, 'NET_SCH_NETEM', 'sch_netem')).toBe('no');
});

test('the bounding set is read bit by bit', () => {
  const all = capabilityNames('CapEff:\t0000000000000000\nCapBnd:\t000001fffeffffff\n');
  expect(all).toContain('SYS_ADMIN');
  expect(all).toContain('CHECKPOINT_RESTORE');
  expect(all).not.toContain('SYS_RESOURCE');
  expect(all).toHaveLength(40);
});
