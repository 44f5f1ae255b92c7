/** The example project as somebody has it: elsewhere on the disk, with packages of its own, tested by its own Jest. Brings up one lab of three nodes. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { NODE_BINARY, PROJECT_ROOT } from '../../src/command/project.ts';

const PROJECT_MS = 540_000;
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'swarmtwin-example-'));
  cpSync(join(PROJECT_ROOT, 'fixtures', 'example-project'), folder, { recursive: true });
  // What npm install makes of its package.json, without asking a registry for the Jest that is here already.
  const packages = join(folder, 'node_modules');
  mkdirSync(packages);
  symlinkSync(PROJECT_ROOT, join(packages, 'swarmtwin'));
  symlinkSync(join(PROJECT_ROOT, 'node_modules', 'jest'), join(packages, 'jest'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test(
  "somebody's own Jest project breaks its stack on a lab and sees whether it answers",
  async () => {
    const args = ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--json', '--ci'];
    const ended = await promisify(execFile)(NODE_BINARY, args, {
      ...{ cwd: folder, timeout: PROJECT_MS, maxBuffer: 64 * 2 ** 20 },
    }).catch((caught: unknown) => caught as { stdout: string; stderr: string });
    const { numPassedTests = 0, numFailedTests = 0 } = JSON.parse(ended.stdout || '{}') as {
      numPassedTests?: number;
      numFailedTests?: number;
    };
    if (numFailedTests > 0 || numPassedTests === 0) throw new Error(ended.stderr);
    expect(numPassedTests).toBe(4);
  },
  PROJECT_MS + 10_000,
);
