import { describe, expect, test } from '@jest/globals';
import type { EngineLine } from '../model/engines.ts';
import type { HistoryRecord } from '../model/history.ts';
import type { SamenessVerdict } from '../model/verdict.ts';
import { EXCLUSIONS } from './exclusions.ts';
import { judgeScenario } from './judge-scenario.ts';
import { MadeHistory, REFUSED } from './made-history.ts';
import { UNREACHED_TEXT } from './refused-joiners.ts';
import { compareHistories } from './sameness.ts';
import { timelineOf } from './timeline.ts';
import { timingsOf } from './timing.ts';

interface Twist {
  /** Where the two slots are. */
  readonly nodes?: readonly [string, string];
  readonly salt?: string;
  readonly delayS?: number;
  /** What the replacement reads while it waits. */
  readonly held?: 'ready' | 'pending';
  readonly err?: string;
  readonly text?: string;
  readonly state?: 'ready' | 'unknown';
  readonly back?: string;
}

/** A worker is killed, its slot is filled and the node returns; the twist is what one side does otherwise. */
function history(twist: Twist = {}): readonly HistoryRecord[] {
  const [lost, kept] = twist.nodes ?? ['1', '2'];
  const salt = twist.salt ?? '';
  const made = new MadeHistory({ managers: 1, workers: 2 }, ['R1'], 'swarm')
    .at(1)
    .create('n1', 'web', { replicas: 2 })
    .service('web', { replicas: 2 })
    .task(`web.${lost}.a${salt}`, { node: 'n2' })
    .task(`web.${kept}.b${salt}`, { node: 'n3' })
    .at(5)
    .read('n1', twist.text === undefined ? {} : { ...REFUSED, text: twist.text })
    .at(10)
    .fault('lost', { kind: 'kill', node: 'n2' })
    .at(23)
    .node('n2', { state: 'down', message: 'heartbeat failure' })
    .task(`web.${lost}.a${salt}`, { desired: 'shutdown' })
    .replace(`web.${lost}.c${salt}`, 'n1', twist.delayS ?? 5.3, { state: twist.held ?? 'ready' })
    .at(40)
    .heal('lost')
    .at(43)
    .node('n2', { state: twist.state ?? 'ready', message: '' })
    .task(`web.${lost}.a${salt}`, {
      state: 'failed',
      err: twist.err ?? 'task: non-zero exit (255)',
      exitCode: 255,
    });
  if (twist.back !== undefined) made.task(`web.${lost}.d${salt}`, { node: twist.back });
  return made.at(50).end();
}

const compare = (twist: Twist): SamenessVerdict => compareHistories(history(), history(twist));

/** A task that ends by itself, having run so long; `null`: nobody saw it run. */
function ended(ranS: number | null): readonly HistoryRecord[] {
  const made = new MadeHistory({ managers: 1, workers: 0 }, ['R6'], 'swarm')
    .at(1)
    .create('n1', 'job', { replicas: 1 })
    .service('job', { replicas: 1 })
    .task('job.1.a', { state: 'starting' })
    .at(2);
  if (ranS !== null) made.task('job.1.a', { state: 'running' });
  return made
    .at(2 + (ranS ?? 1))
    .task('job.1.a', { desired: 'shutdown', state: 'complete', exitCode: 0 })
    .at(30)
    .end();
}

describe('two histories are the same', () => {
  test.each([
    [null, 1],
    [null, 3.9],
    [2.5, 4.1],
    [1, 4.5],
  ])('when a task that ended by itself ran %p s here and %p s there', (one, other) => {
    expect(compareHistories(ended(one), ended(other)).sameness).toBe('same');
    expect(compareHistories(ended(other), ended(one)).sameness).toBe('same');
  });

  test('when an error names the container of another slot', () => {
    const gone = (slot: number): readonly HistoryRecord[] =>
      history({ err: `No such container: web.${slot}.${'a'.repeat(25)}` });
    expect(compareHistories(gone(1), gone(2))).toMatchObject({ sameness: 'same' });
    expect(compareHistories(gone(1), history({ err: 'No such image' })).sameness).toBe('different');
  });

  test('when only ids, slots and times differ', () => {
    expect(compare({ nodes: ['2', '1'], salt: 'x' })).toMatchObject({
      sameness: 'same',
      differences: [],
    });
  });
  test('when the replacement took a little longer', () => {
    expect(compare({ delayS: 6.4 }).sameness).toBe('same');
  });
  test('when no node was there to prepare the replacement on until its delay was over', () => {
    expect(compare({ held: 'pending' }).sameness).toBe('same');
  });
});

describe('a manager that nobody reaches', () => {
  const joining = (text: string): MadeHistory =>
    new MadeHistory({ managers: 1, workers: 0, spares: 1 }, ['Q10'], 'swarm')
      .at(5)
      .call('n2', 'POST', '/swarm/join', { outcome: 'fail', status: 503, text });
  const heardOf = (text: string): HistoryRecord[] => [
    ...joining(text).node('n2', { role: 'manager' }).at(30).end(),
  ];
  const unheardOf = (text: string): HistoryRecord[] => [...joining(text).at(30).end()];

  test('may be listed or not once it is refused for that', () => {
    const text = `rpc error: code = Unavailable desc = ${UNREACHED_TEXT}refused`;
    expect(compareHistories(heardOf(text), unheardOf(text)).sameness).toBe('same');
  });

  test('may not where it is refused for another reason', () => {
    const text = 'rpc error: code = InvalidArgument desc = A valid join token is necessary';
    expect(compareHistories(heardOf(text), unheardOf(text)).sameness).toBe('different');
  });
});

describe('two histories differ', () => {
  test('when a task ran for seconds and was never seen to run on the other side', () => {
    expect(compareHistories(ended(null), ended(4.5)).sameness).toBe('different');
  });

  test('when the replacement did not wait for the restart delay', () => {
    expect(compare({ delayS: 1 }).differences[0]).toMatchObject({
      field: 'services.web.slots',
      left: expect.stringContaining('ready, waiting > running'),
      right: expect.not.stringContaining('waiting'),
    });
  });
  test('when the replacement did not wait and was never seen ready either', () => {
    expect(compare({ held: 'pending', delayS: 1 }).sameness).toBe('different');
  });
  test('when the lost task reads otherwise', () => {
    const { sameness, reason } = compare({ err: 'lost' });
    expect(sameness).toBe('different');
    expect(reason).toMatch(/^services\.web\.slots: .*non-zero exit \(255\).* \| .*failed 'lost'/);
  });
  test('when a client is answered otherwise', () => {
    expect(compare({ text: 'no leader' }).differences).toContainEqual({
      field: 'operations.GET /nodes',
      left: 'ok 200',
      right: 'fail 500 no leader',
    });
  });
  test('when the node does not come back', () => {
    expect(compare({ state: 'unknown' }).differences.map(({ field }) => field)).toContain(
      'end.nodes.n2',
    );
  });
  test('when there is a task more', () => {
    expect(compare({ back: 'n2' }).differences.map(({ field }) => field)).toEqual(
      expect.arrayContaining(['services.web.slots', 'end.placement.web']),
    );
  });
});

describe('known divergences', () => {
  const scenario = 'quorum-loss/made';
  const known = { scenario, field: 'operations.GET /nodes', reason: 'the twin says it shorter' };
  test('are named, and do not count', () => {
    const verdict = compareHistories(history(), history({ text: 'no' }), [known]);
    expect(verdict).toMatchObject({ sameness: 'same', healed: [] });
    expect(verdict.differences[0]).toMatchObject({ known: 'the twin says it shorter' });
  });
  test('cover their own field only', () => {
    const verdict = compareHistories(history(), history({ text: 'no', err: 'x' }), [known]);
    expect(verdict).toMatchObject({ sameness: 'different' });
    expect(verdict.reason).toMatch(/^services\.web\.slots/);
  });
  test('that are not seen any more are named as healed', () => {
    expect(compareHistories(history(), history(), [known]).healed).toEqual([
      'operations.GET /nodes: the twin says it shorter',
    ]);
  });
  test('of one engine excuse nothing on another', () => {
    const judged = (engine: EngineLine) =>
      compareHistories(history(), history({ text: 'no' }), [{ ...known, engine }]);
    expect(judged('26.1').sameness).toBe('same');
    expect(judged('20.10')).toMatchObject({ sameness: 'different', healed: [] });
  });

  test('of other scenarios do not count', () => {
    const other = { ...known, scenario: 'drain/other' };
    expect(compareHistories(history(), history({ text: 'no' }), [other])).toMatchObject({
      sameness: 'different',
      healed: [],
    });
  });
});

describe('a comparison is inconclusive', () => {
  test('when one side was cut off or is missing', () => {
    expect(compareHistories(history(), history().slice(0, -1)).sameness).toBe('inconclusive');
    expect(compareHistories(history(), []).sameness).toBe('inconclusive');
  });
  test('when only one subject was played, and says so', () => {
    const [header] = history();
    if (header?.type !== 'header') throw new Error('no header');
    const verdict = judgeScenario(header.scenario, [{ subject: 'swarm', records: history() }]);
    expect(verdict).toMatchObject({ sameness: 'inconclusive', engine: '26.1.5', seconds: 50 });
    expect(verdict.claims).toMatchObject([{ id: 'R1', subject: 'swarm', verdict: 'holds' }]);
  });
  test('and so are the claims of a subject that could not be played', () => {
    const [header] = history();
    if (header?.type !== 'header') throw new Error('no header');
    const twin = { subject: 'twin', records: [], error: 'the daemon did not start' } as const;
    const verdict = judgeScenario(header.scenario, [
      { subject: 'swarm', records: history() },
      twin,
    ]);
    expect(verdict.claims[1]).toMatchObject({
      subject: 'twin',
      verdict: 'inconclusive',
      reason: 'twin could not be played: the daemon did not start',
    });
  });
});

describe('times and pictures', () => {
  test('times are counted from the fault and from the heal', () => {
    const times = Object.fromEntries(timingsOf(history()).map(({ name, ms }) => [name, ms]));
    expect(times).toEqual({
      'to down': 13_000,
      'to refill': 13_000,
      'to running': 18_300,
      'heal to ready': 3000,
      'heal to old task ended': 3000,
      'heal to converged': 3000,
    });
  });
  test('a timeline has a row per node and per slot and begins at the first fault', () => {
    const timeline = timelineOf(history());
    expect(timeline).toMatchObject({ subject: 'swarm', fromMs: -10_000, toMs: 40_000 });
    expect(timeline?.rows.map(({ label }) => label)).toEqual([
      'leader',
      ...['n1', 'n2', 'n3'],
      ...['web.1', 'web.2'],
    ]);
    const [fault] = timeline?.moments.filter(({ kind }) => kind === 'fault') ?? [];
    expect(fault).toEqual({
      ...{ kind: 'fault', fromMs: 0, toMs: 30_000, text: 'lost: kill' },
      nodes: ['n2'],
    });
  });
  test('every exclusion says what it leaves out and why', () => {
    for (const { field, rule, reason } of EXCLUSIONS)
      expect([field, rule, reason].every((text) => text.length > 2)).toBe(true);
  });
});
