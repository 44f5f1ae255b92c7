import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from '@jest/globals';
import { attachLab } from '../../src/lab/attach-lab.ts';
import { createLab } from '../../src/lab/create-lab.ts';
import { findLabs } from '../../src/lab/find-labs.ts';
import { isEmpty, remainsOf } from '../../src/lab/remove-lab.ts';
import { sweep } from '../../src/lab/sweep.ts';
import { swarmOptions } from './lab-options.ts';

const LONG_MS = 180_000;
const owner = fileURLToPath(new URL('lab-owner.ts', import.meta.url));
const children: ChildProcess[] = [];

afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

/** Starts a process with a lab and waits until it is as far as asked. */
async function ownerOf(name: string, when: 'whole' | 'half-built'): Promise<ChildProcess> {
  const child = spawn(process.execPath, [owner, name, when], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, JEST_WORKER_ID: undefined },
  });
  children.push(child);
  for await (const line of createInterface({ input: child.stdout }))
    if (line.startsWith('READY')) return child;
  throw new Error('the owner of the lab ended before its lab was ready');
}

const idOf = async (name: string): Promise<string | undefined> =>
  (await findLabs()).find(({ identity }) => identity.name === name)?.identity.id;

const nothingLeft = async (id: string): Promise<boolean> => isEmpty(await remainsOf(id));

describe('clean-up', () => {
  test.each(['whole', 'half-built'] as const)(
    'a %s lab whose process was killed is left alone while it lives and swept when it is dead',
    async (when) => {
      const name = `killed-${when}-${process.pid}`;
      const child = await ownerOf(name, when);
      const id = await idOf(name);
      expect(id).toBeDefined();
      expect((await sweep()).map((lab) => lab.id)).not.toContain(id);
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect((await sweep()).map((lab) => lab.id)).toContain(id);
      expect(await nothingLeft(id!)).toBe(true);
    },
    LONG_MS,
  );

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)(
    'a process told to end by %s takes its lab with it and exits with %d',
    async (signal, code) => {
      const name = `told-${signal}-${process.pid}`;
      const child = await ownerOf(name, 'whole');
      const id = await idOf(name);
      const exit = once(child, 'exit');
      child.kill(signal);
      expect((await exit)[0]).toBe(code);
      expect(await nothingLeft(id!)).toBe(true);
    },
    LONG_MS,
  );

  test(
    'a lab that cannot be started leaves nothing behind',
    async () => {
      const options = await swarmOptions(`broken-${process.pid}`);
      const broken = { ...options, images: { ...options.images, node: 'swarmtwin/none:such' } };
      await expect(createLab(broken)).rejects.toMatchObject({ code: 'lab-failed' });
      expect(await idOf(`broken-${process.pid}`)).toBeUndefined();
    },
    LONG_MS,
  );

  test(
    'two labs at once do not meet, can be taken up by name, and go down one by one',
    async () => {
      const names = ['a', 'b'].map((each) => `twin-${each}-${process.pid}`);
      const options = await swarmOptions('x');
      const labs = await Promise.all(names.map((name) => createLab({ ...options, name })));
      try {
        const [a, b] = labs.map((lab) => lab.node('n1').address.split('.').slice(0, 3).join('.'));
        expect(a).not.toBe(b);
        const again = await attachLab(names[1]);
        expect(again.id).toBe(labs[1]!.id);
        await again.down();
        expect(await nothingLeft(labs[1]!.id)).toBe(true);
        await labs[0]!.ready();
      } finally {
        await Promise.all(labs.map((lab) => lab.down()));
      }
      expect(await nothingLeft(labs[0]!.id)).toBe(true);
    },
    LONG_MS,
  );
});
