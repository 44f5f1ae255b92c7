import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { EXPLORED } from './explored-run.ts';
import { PROJECT_ROOT } from './project.ts';

interface Ended {
  readonly exitCode: number | null;
  readonly out: string;
}

/** `swarmtwin explore` in a process of its own, sent a SIGINT as soon as `isTime` says so of what it has printed. `mutant` is one of suites/mutants. */
function interrupted(
  args: readonly string[],
  isTime: (out: string, said: string) => boolean,
  mutant = '',
): Promise<Ended> {
  const loader = mutant === '' ? [] : ['--import', './tools/mutant-loader.mjs'];
  const env = { ...process.env, SWARMTWIN_MUTANT: mutant, NODE_OPTIONS: '' };
  const all = [...loader, 'src/main.ts', 'explore', '--runs', '100000', '--workers', '1', ...args];
  const child = spawn(process.execPath, all, { cwd: PROJECT_ROOT, env, timeout: 60_000 });
  let [out, said, isSent] = ['', '', false];
  const look = (): void => {
    if (isSent || !isTime(out, said)) return;
    isSent = true;
    child.kill('SIGINT');
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    look();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    look();
  });
  return new Promise((resolve) => {
    child.once('close', (exitCode) => {
      resolve({ exitCode, out });
    });
  });
}

describe('Ctrl-C in an exploration', () => {
  test('prints what was covered, and with which run to go on', async () => {
    const args = ['--seed', 'ctrl-c', '--from', '41', '--shape', 'managers=1,workers=0..1'];
    const { exitCode, out } = await interrupted(args, (_, said) => / [1-9]\d* of 1/.test(said));
    expect(exitCode).toBe(130);
    expect(out).toMatch(/raft role .*leader/);
    const [, played] = /(\d+) runs of seed ctrl-c in/.exec(out) ?? [];
    const [, from, rest, shape] =
      /explore --seed ctrl-c --from (\d+) --runs (\d+) --shape (\S+)/.exec(out) ?? [];
    expect(Number(played)).toBeGreaterThan(0);
    expect(Number(from)).toBe(41 + Number(played));
    expect(Number(rest)).toBe(100_000 - Number(played));
    expect(shape).toBe('managers=1,workers=0..1');
  }, 60_000);

  test('loses no run that broke a rule before it', async () => {
    const args = ['--seed', 'ctrl-c-broken', '--shape', 'managers=1,workers=1..2'];
    const found = (out: string): readonly string[] =>
      [...out.matchAll(/VIOLATION in run (\S+):/g)].map(([, seed = '']) => seed);
    const isTime = (out: string): boolean => found(out).length >= 2;
    const { exitCode, out } = await interrupted(args, isTime, 'no-restart-delay');
    const [, counted] = /(\d+) runs broke a rule/.exec(out) ?? [];
    expect(exitCode).toBe(1);
    expect(found(out)).toHaveLength(Number(counted));
    for (const seed of found(out)) {
      const path = join(EXPLORED, `${seed}.json`);
      expect(existsSync(path)).toBe(true);
      rmSync(path);
    }
  }, 60_000);
});
