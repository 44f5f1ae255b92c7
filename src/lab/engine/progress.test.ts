import { expect, test } from '@jest/globals';
import { runStep } from './progress.ts';

const quiet = { what: 'a step', deadlineMs: 5_000, progress: (): void => undefined };

test('a step says that it began and that it is done, and gives what its work gave', async () => {
  const lines: string[] = [];
  const progress = (line: string): void => void lines.push(line);
  expect(await runStep({ ...quiet, progress }, () => Promise.resolve(7))).toBe(7);
  expect(lines).toEqual(['a step …', 'a step: done in 0 s']);
});

test('a step that never ends is over at its deadline, with what was seen last', async () => {
  const endless = runStep({ ...quiet, deadlineMs: 20 }, ({ note }) => {
    note('unpacking');
    return new Promise(() => undefined);
  });
  await expect(endless).rejects.toMatchObject({
    code: 'deadline',
    message: expect.stringContaining('last seen: unpacking') as unknown,
  });
});

test('a step that is called off answers at once and tells its work', async () => {
  const caller = new AbortController();
  let heard = false;
  const step = runStep({ ...quiet, signal: caller.signal }, ({ signal }) => {
    signal.addEventListener('abort', () => (heard = true));
    return new Promise(() => undefined);
  });
  caller.abort();
  await expect(step).rejects.toMatchObject({ code: 'interrupted' });
  expect(heard).toBe(true);
});

test('a step that was called off before it began is never begun', async () => {
  let hasBegun = false;
  const step = runStep({ ...quiet, signal: AbortSignal.abort() }, () => {
    hasBegun = true;
    return Promise.resolve();
  });
  await expect(step).rejects.toMatchObject({ code: 'interrupted' });
  expect(hasBegun).toBe(false);
});

test("a failure of the work is the step's failure, unchanged", async () => {
  await expect(runStep(quiet, () => Promise.reject(new Error('no space')))).rejects.toThrow(
    'no space',
  );
});
