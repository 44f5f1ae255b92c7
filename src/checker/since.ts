/** What a run says otherwise than the run before it. */
import type { Since, VerdictChange } from '../model/since.ts';
import { nameOf, type ScenarioVerdict } from '../model/verdict.ts';

/** Only verdicts that both runs have count as compared; one that is new is named only where it is not as it should be. */
export function sinceOf(
  run: string,
  before: readonly ScenarioVerdict[],
  now: readonly ScenarioVerdict[],
): Since {
  const known = new Map(before.flatMap(saidOf).map((each) => [keyOf(each), each.said]));
  const said = now.flatMap(saidOf);
  const changes = now.flatMap((verdict) =>
    saidOf(verdict).flatMap((each): VerdictChange[] => {
      const was = known.get(keyOf(each));
      const isNews = was === undefined ? !AS_IT_SHOULD.has(each.said) : was !== each.said;
      const { what } = each;
      return isNews ? [{ scenario: nameOf(verdict), what, before: was ?? '', now: each.said }] : [];
    }),
  );
  return { run, changes, compared: said.filter((each) => known.has(keyOf(each))).length };
}

const AS_IT_SHOULD = new Set(['holds', 'same', 'known', 'not-compared']);

interface Said {
  readonly scenario: string;
  /** The line that it was played on: what another engine does is no news. */
  readonly engine: string;
  readonly what: string;
  readonly said: string;
}

const keyOf = ({ scenario, engine, what }: Said): string => [scenario, engine, what].join(' ');

function saidOf(verdict: ScenarioVerdict): readonly Said[] {
  const scenario = `${verdict.suite}/${verdict.scenario}`;
  const engine = verdict.line ?? /^\d+\.\d+/.exec(verdict.engine)?.[0] ?? '';
  const claims = verdict.claims.map(({ id, subject, verdict: said }) => ({
    ...{ scenario, engine, what: `${id} on ${subject}`, said },
  }));
  const alone = new Set(verdict.claims.map(({ subject }) => subject)).size < 2;
  return alone
    ? claims
    : [...claims, { scenario, engine, what: 'compared', said: verdict.sameness }];
}
