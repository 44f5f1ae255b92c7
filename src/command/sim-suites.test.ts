/** Every scenario of the suites on the simulated twin: the same runner, claims and comparison as on Docker, against what real Swarm was recorded to do. */
import { describe, expect, test } from '@jest/globals';
import { SCENARIOS } from '../../suites/scenarios.ts';
import { judgeScenario } from '../checker/judge-scenario.ts';
import type { HistoryRecord } from '../model/history.ts';
import type { Scenario } from '../model/scenario.ts';
import { runScenario } from '../scenario/run-scenario.ts';
import { unplayableOn } from '../scenario/unplayable.ts';
import { simulatedTarget } from '../target/simulated-target.ts';
import { recordedDisagreements } from './known-divergences.ts';
import { recordedHistory, recordedNames } from './recorded.ts';
import { ENGINE_LINES, type EngineLine } from '../model/engines.ts';

const ENGINE = '26.1';

interface Played {
  readonly records: readonly HistoryRecord[];
  readonly lines: readonly string[];
}

async function play(scenario: Scenario, behaveLike: EngineLine = ENGINE): Promise<Played> {
  const lines: string[] = [];
  const target = await simulatedTarget(scenario, behaveLike);
  const records = await runScenario(scenario, target, { sink: (line) => lines.push(line) });
  await target.stop();
  return { records, lines };
}

const nameOf = ({ suite, name }: Scenario): string => `${suite}/${name}`;
const each = SCENARIOS.filter((scenario) => unplayableOn(scenario, 'sim') === null).map(
  (scenario) => [nameOf(scenario), scenario] as const,
);

describe.each(each)('%s on the simulated twin', (_, scenario) => {
  let played: Promise<Played> | undefined;
  const once = (): Promise<Played> => (played ??= play(scenario));

  test('is played to its end', async () => {
    const { records } = await once();
    expect(records.at(-1)).toMatchObject({ type: 'end', outcome: 'complete', text: '' });
    expect(records[0]).toMatchObject({ type: 'header', subject: 'sim', scenario });
  });

  test.each(scenario.claims)('%s holds', async (id) => {
    const { records } = await once();
    const { claims } = judgeScenario(scenario, [{ subject: 'sim', records }]);
    expect(claims.find((claim) => claim.id === id)).toMatchObject({ verdict: 'holds' });
  });

  test('does what real Swarm was recorded to do, but for what is named and explained', async () => {
    agree(scenario, ENGINE, (await once()).records);
  });
});

function agree(scenario: Scenario, engine: EngineLine, records: readonly HistoryRecord[]): void {
  const sides = [
    { subject: 'swarm', records: recordedHistory(engine, scenario) },
    { subject: 'sim', records },
  ] as const;
  const { comparison } = judgeScenario(scenario, sides, recordedDisagreements());
  expect(comparison.differences.filter(({ known }) => known === undefined)).toEqual([]);
  expect(comparison).toMatchObject({ sameness: 'same', healed: [] });
}

describe.each(ENGINE_LINES.filter((engine) => engine !== ENGINE))(
  'the simulated twin like %s',
  (engine) => {
    const recorded = SCENARIOS.filter(
      (scenario) =>
        recordedNames(engine).includes(nameOf(scenario)) && unplayableOn(scenario, 'sim') === null,
    );

    test.each(recorded.map((scenario) => [nameOf(scenario), scenario] as const))(
      'does in %s what real Swarm of that engine was recorded to do',
      async (_, scenario) => {
        agree(scenario, engine, (await play(scenario, engine)).records);
      },
    );

    // A history on which a claim of real Swarm fails is no reference: docs/engines.md says what 20.10 does there.
    test('is held against all scenarios but those in which that engine breaks a claim', () => {
      const names = recorded.map(nameOf);
      const left = each.map(([name]) => name).filter((name) => !names.includes(name));
      expect(left).toEqual(engine === '20.10' ? ['membership/promoting-demoting'] : []);
    });
  },
);

describe('a simulated history', () => {
  const two = SCENARIOS.filter(({ name }) => ['leader-killed', 'failing-updates'].includes(name));

  test.each(two.map((scenario) => [nameOf(scenario), scenario] as const))(
    'of %s is the same byte for byte in every run, alone or beside others',
    async (_, scenario) => {
      const alone = await play(scenario);
      const [beside] = await Promise.all([play(scenario), play(SCENARIOS[3] ?? scenario)]);
      expect(alone.lines.length).toBeGreaterThan(100);
      expect(beside.lines).toEqual(alone.lines);
    },
  );

  test('is another with another seed', async () => {
    const [scenario] = two;
    if (scenario === undefined) throw new Error('the scenario has another name');
    const other = await play({ ...scenario, seed: 'another' });
    const times = ({ records }: Played): readonly number[] => records.map(({ atMs }) => atMs);
    expect(times(other)).not.toEqual(times(await play(scenario)));
  });
});

test('real Swarm is recorded for every scenario', () => {
  expect(recordedNames(ENGINE)).toEqual(SCENARIOS.map(nameOf).sort());
});
