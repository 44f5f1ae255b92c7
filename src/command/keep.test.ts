import { describe, expect, test } from '@jest/globals';
import type { Lab } from '../lab/lab.ts';
import { madeReport } from '../report/made-report.ts';
import { KeptLabs, isWrong } from './keep.ts';

function madeLab(name: string, ended: string[]): Lab {
  const node = { name: 'n1', role: 'manager', kind: 'swarm', dockerHost: `tcp://${name}:2375` };
  return {
    ...{ name, id: `id-${name}`, subject: 'swarm', engine: '26.1', nodes: [node] },
    down: () => Promise.resolve(void ended.push(name)),
  } as unknown as Lab;
}

describe('labs that are kept', () => {
  test('stand until they are released, and say how to reach them and how to end them', async () => {
    const ended: string[] = [];
    const kept = new KeptLabs();
    await kept.hold(madeLab('cut-swarm', ended));
    await kept.hold(madeLab('cut-twin', ended));
    expect(ended).toEqual([]);
    expect(kept.lines()).toContain('n1 manager: export DOCKER_HOST=tcp://cut-twin:2375');
    expect(kept.lines().at(-1)).toMatch(/npx swarmtwin lab down cut-swarm cut-twin$/);
    await kept.release();
    expect(ended).toEqual(['cut-swarm', 'cut-twin']);
  });
  test('are none when nothing is wrong', () => {
    expect(new KeptLabs().lines()).toEqual([
      'nothing is otherwise than it should be, so no lab was kept',
    ]);
  });
});

describe('a scenario to keep the labs of', () => {
  const [wrong, right] = madeReport({ scenarios: 2, slots: 1, tasks: 1 }).scenarios;
  test('is one that fails or differs', () => {
    expect(isWrong(wrong!.verdict)).toBe(true);
    expect(isWrong(right!.verdict)).toBe(false);
  });
  test('is not one in which real Swarm alone breaks its rules of tasks', () => {
    const step = { rule: 'state-back', text: '', evidence: [] } as const;
    const wrongOf = (subject: 'swarm' | 'twin') =>
      isWrong({ ...right!.verdict, steps: [{ ...step, subject }] });
    expect([wrongOf('swarm'), wrongOf('twin')]).toEqual([false, true]);
  });
  test('is not one that could not be judged', () => {
    const claims = right!.verdict.claims.map((claim) => ({
      ...{ ...claim, verdict: 'inconclusive' as const },
    }));
    expect(isWrong({ ...right!.verdict, claims, sameness: 'inconclusive' })).toBe(false);
  });
});
