import { expect, test } from '@jest/globals';
import { checkBindSources } from './bind-sources.ts';

test('a bind mount whose source is gone fails the start with the reason, other mounts are let be', async () => {
  const there = { Type: 'bind' as const, Source: '/', Target: '/a' };
  const volume = { Type: 'volume' as const, Source: 'v', Target: '/b' };
  await expect(checkBindSources([there, volume])).resolves.toBeUndefined();
  const gone = { Type: 'bind' as const, Source: '/nowhere/at/all', Target: '/c' };
  await expect(checkBindSources([there, gone])).rejects.toMatchObject({
    message:
      'starting container failed: invalid bind mount source, source path not found: /nowhere/at/all',
  });
});
