import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, expect, test } from '@jest/globals';
import type Docker from 'dockerode';
import { takeImages } from './own-images.ts';

const folder = mkdtempSync(join(tmpdir(), 'swarmtwin-own-images-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** An engine that has one image. */
const engine = {
  getImage: (name: string) => ({
    inspect: () =>
      name === 'shop/web:1'
        ? Promise.resolve({ Id: 'sha256:1' })
        : Promise.reject(Object.assign(new Error('no such image'), { statusCode: 404 })),
    get: () => Promise.resolve(Readable.from(['saved'])),
  }),
} as unknown as Pick<Docker, 'getImage'>;
const quiet = (): void => undefined;

test('named images are saved once, tar files are taken as they are, and only the copies are removed', async () => {
  const own = join(folder, 'own.tar');
  writeFileSync(own, 'mine');
  const { archives, drop } = await takeImages(['shop/web:1', own], quiet, engine);
  expect(archives.map(({ what, bytes }) => [what, bytes])).toEqual([
    ['shop/web:1', 5],
    [own, 4],
  ]);
  const [saved] = archives;
  expect(readFileSync(saved?.path ?? '', 'utf8')).toBe('saved');
  drop();
  expect(existsSync(dirname(saved?.path ?? ''))).toBe(false);
  expect(existsSync(own)).toBe(true);
});

test('an image that is not there is refused before anything is started, with what to do', async () => {
  await expect(takeImages(['shop/web:1', 'shop/db:2'], quiet, engine)).rejects.toMatchObject({
    code: 'bad-usage',
    message: expect.stringContaining('there is no image shop/db:2 on the engine'),
    next: expect.stringContaining('docker build -t shop/db:2 . or docker pull shop/db:2'),
  });
});

test('a file that is not there is refused, with how one is made', async () => {
  await expect(takeImages(['gone.tar'], quiet, engine)).rejects.toMatchObject({
    code: 'bad-usage',
    message: 'there is no file gone.tar',
    next: expect.stringContaining('docker save -o FILE.tar IMAGE'),
  });
});
