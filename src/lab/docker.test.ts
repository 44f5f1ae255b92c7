import { describe, expect, test } from '@jest/globals';
import { ask } from './docker.ts';

const refused = (code: string): Promise<never> =>
  Promise.reject(Object.assign(new Error(`connect ${code} /var/run/docker.sock`), { code }));

describe('a question to an engine that is not there', () => {
  test.each([['ECONNREFUSED'], ['ENOENT'], ['EACCES']])(
    'is answered with what is missing and what to do (%s)',
    async (code) => {
      await expect(ask('listing containers', refused(code))).rejects.toMatchObject({
        code: 'no-engine',
        message: expect.stringContaining('no Docker engine answers at'),
        next: expect.stringMatching(/lab up|unset DOCKER_HOST/),
      });
    },
  );
  test('is told apart from one that the engine refuses', async () => {
    const conflict = Promise.reject(Object.assign(new Error('in use'), { statusCode: 409 }));
    await expect(ask('removing a network', conflict)).rejects.toMatchObject({ code: 'lab-failed' });
  });
});
