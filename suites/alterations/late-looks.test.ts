/** A machine that is short of time looks at its swarm late. That is no difference, and no claim, rule or comparison may lose its verdict by it. */
import { describe, expect, test } from '@jest/globals';
import { illegalSteps } from '../../src/checker/illegal-steps.ts';
import { judgeClaims } from '../../src/checker/judge.ts';
import { compareHistories } from '../../src/checker/sameness.ts';
import { recordedHistory, recordedNames } from '../../src/command/recorded.ts';
import { ENGINE_LINES } from '../../src/model/engines.ts';
import { SCENARIOS } from '../scenarios.ts';
import { lookedLater } from './late-looks.ts';

/** Real Swarm's services were seen up to 0.43 s after their first tasks were made, with seven labs on two cores. */
const LATE_MS = [400, 1500];
const KINDS = [null, ['service'], ['node'], ['task', 'gone'], ['container']] as const;

const RECORDED = ENGINE_LINES.flatMap((engine) => {
  const names = recordedNames(engine);
  return SCENARIOS.filter(({ suite, name }) => names.includes(`${suite}/${name}`)).map(
    (scenario) => [engine, `${scenario.suite}/${scenario.name}`, scenario] as const,
  );
});

describe.each(RECORDED)('%s %s', (engine, _, scenario) => {
  test.each(LATE_MS)('is judged alike when it is seen %d ms later', (lateMs) => {
    const records = recordedHistory(engine, scenario);
    const said = judgeClaims(records).map(({ id, verdict }) => `${id} ${verdict}`);
    const broken = new Set(illegalSteps(records).map(({ rule }) => rule));
    for (const kinds of KINDS) {
      const later = lookedLater(records, lateMs, kinds);
      const of = `what was seen of ${kinds?.join(' and ') ?? 'all'}`;
      expect([of, judgeClaims(later).map(({ id, verdict }) => `${id} ${verdict}`)]).toEqual([
        of,
        said,
      ]);
      expect([of, illegalSteps(later).filter(({ rule }) => !broken.has(rule))]).toEqual([of, []]);
      expect([of, compareHistories(records, later).sameness]).toEqual([of, 'same']);
    }
  });
});
