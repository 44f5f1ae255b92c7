/** What somebody's own test is told of a mistake, before anything is started. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { PROJECT_ROOT } from '../command/project.ts';
import type { EngineLine } from '../model/engines.ts';
import type { Subject } from '../model/history.ts';
import { claimsOf, playAndJudge } from './played.ts';

const file = join(PROJECT_ROOT, 'fixtures', 'example-project', 'leader-killed.yaml');
const text = readFileSync(file, 'utf8');
const sim = { subjects: ['sim'] } as const;

describe('a scenario of somebody else', () => {
  test('is refused with its place where it is none, or where it cannot be simulated', async () => {
    await expect(playAndJudge('name: x', sim)).rejects.toMatchObject({
      code: 'bad-scenario',
      message: expect.stringContaining('scenario:1:1'),
    });
    const starved = text.replace(
      /fault: \{ kind: kill, node: leader \}/,
      'fault: { kind: starve-cpu, node: leader, share: 0.1 }',
    );
    expect(starved).not.toBe(text);
    await expect(playAndJudge(starved, sim)).rejects.toMatchObject({
      code: 'bad-scenario',
      message: expect.stringMatching(/^scenario:\d+:\d+: .* cannot be simulated/),
    });
  });

  test('is not played to a subject or on an engine that there is not', async () => {
    const subjects = ['dockerd' as Subject];
    await expect(playAndJudge(text, { subjects })).rejects.toMatchObject({ code: 'bad-usage' });
    const engine = '19.03' as EngineLine;
    await expect(playAndJudge(text, { ...sim, engine })).rejects.toMatchObject({
      code: 'bad-usage',
    });
  });

  test('is simulated like the engine that was asked for', async () => {
    const played = await playAndJudge(text, { ...sim, engine: '20.10' });
    expect(played.verdict.engine).toMatch(/^20\.10/);
    expect(claimsOf(played).map(({ verdict }) => verdict)).toEqual(['holds', 'holds', 'holds']);
  });
});
