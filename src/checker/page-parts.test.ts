import { describe, expect, test } from '@jest/globals';
import type { HistoryRecord, Subject } from '../model/history.ts';
import { judgeScenario } from './judge-scenario.ts';
import { MadeHistory, REFUSED } from './made-history.ts';
import { partsOf } from './page-parts.ts';

interface Twist {
  readonly err?: string;
  readonly refused?: boolean;
}

/** A worker is killed, its slot is filled and the node returns; n1 leads all the time. */
function history(subject: Subject, twist: Twist = {}): readonly HistoryRecord[] {
  return new MadeHistory({ managers: 1, workers: 2 }, ['R1'], subject)
    .at(1)
    .create('n1', 'web', { replicas: 2 })
    .service('web', { replicas: 2 })
    .task('web.1.a', { node: 'n2' })
    .task('web.2.b', { node: 'n3' })
    .at(5)
    .read('n1', twist.refused === true ? REFUSED : {})
    .at(10)
    .fault('lost', { kind: 'kill', node: 'n2' })
    .at(23)
    .node('n2', { state: 'down', message: 'heartbeat failure' })
    .task('web.1.a', { desired: 'shutdown' })
    .replace('web.1.c', 'n1', 5.3, { state: 'ready' })
    .at(40)
    .heal('lost')
    .at(43)
    .node('n2', { state: 'ready', message: '' })
    .task('web.1.a', { state: 'failed', err: twist.err ?? 'non-zero exit (255)', exitCode: 255 })
    .at(50)
    .end();
}

function parts(twist: Twist) {
  const sides = (['swarm', 'twin'] as const).map((subject) => ({
    subject,
    records: history(subject, subject === 'twin' ? twist : {}),
  }));
  const [{ records } = { records: [] }] = sides;
  const header = records[0];
  if (header?.type !== 'header') throw new Error('a history without a header');
  const verdict = judgeScenario(header.scenario, sides);
  return partsOf(
    verdict,
    sides.map((side) => side.records),
  );
}

describe('what a page shows behind a verdict', () => {
  const { differences, evidence, faults, timelines } = parts({ err: 'killed', refused: true });

  test('has differences with the heaviest first', () => {
    expect(differences.map(({ weight }) => weight)).toEqual(['answer', 'text']);
  });
  test('has the two excerpts of each, with the lines marked that the other side lacks', () => {
    const texts = differences
      .find(({ weight }) => weight === 'text')
      ?.excerpts.map((lines) => lines.filter(({ differs }) => differs).map(({ text }) => text));
    expect(texts).toEqual([
      [expect.stringContaining('failed, wanted shutdown: non-zero exit (255)')],
      [expect.stringContaining('failed, wanted shutdown: killed')],
    ]);
  });
  test('says which difference is the first in time, counted from the first fault', () => {
    expect(differences.map(({ firstInTime, partsAtMs }) => [firstInTime, partsAtMs])).toEqual([
      [true, -5000],
      [false, 33_000],
    ]);
  });
  test('has the records that a claim speaks of in words', () => {
    expect(evidence.twin?.map(({ text }) => text)).toContain('fault lost (kill) begin');
  });
  test('has the proofs of each fault on each subject', () => {
    expect(faults).toMatchObject([
      { subject: 'swarm', kind: 'kill n2', beganMs: 0, healedMs: 30_000 },
      { subject: 'twin', kind: 'kill n2' },
    ]);
  });
  test('begins with a strip of leaders', () => {
    expect(timelines[0]?.rows[0]).toMatchObject({ kind: 'leader', bars: [{ text: 'n1 · 1' }] });
  });
  test('has no difference where there is none', () => {
    expect(parts({}).differences).toEqual([]);
  });
});

test('a strip of leaders tells a change of leader, and a time without any', () => {
  const [twin] = partsOf({ claims: [], steps: [], comparison: { differences: [] } } as never, [
    new MadeHistory({ managers: 3, workers: 0 }, ['Q7'], 'twin')
      .at(2)
      .control('n1', 'ok')
      .at(10)
      .control('n1', 'no-leader')
      .at(20)
      .control('n1', 'ok')
      .node('n1', { leader: false })
      .node('n2', { leader: true })
      .at(30)
      .end(),
  ]).timelines;
  expect(twin?.rows[0]?.bars.map(({ text }) => text)).toEqual(['n1 · 1', 'no leader', 'n2 · 2']);
});

test('bytes of a link are told both ways, by whoever opened the connection', () => {
  const cut = new MadeHistory({ managers: 2, workers: 0 }, ['Q7'], 'swarm')
    .at(1)
    .fault('cut', { kind: 'partition', groups: [['n1'], ['n2']], plane: 'control' })
    .at(9)
    .end()
    .map((record) =>
      record.type === 'fault' && record.phase === 'bitten'
        ? {
            ...record,
            proof: {
              looked: 'links',
              before: '',
              after:
                '4 toxics listed; n1-n2 silent DEADLINE after 424 ms; n1-n2/upstream delivered 0 bytes, n1-n2/downstream delivered 9 bytes, n2-n1/upstream delivered 7 bytes, n2-n1/downstream delivered 3 bytes',
            },
          }
        : record,
    );
  const { faults } = partsOf({ claims: [], steps: [], comparison: { differences: [] } } as never, [
    cut,
  ]);
  expect(faults[0]?.links).toEqual([
    {
      ...{ from: 'n1', to: 'n2', underFault: 'silent DEADLINE after 424 ms' },
      ...{ bytes: '0 B up, 3 B down', healed: '' },
    },
    { from: 'n2', to: 'n1', underFault: '', bytes: '7 B up, 9 B down', healed: '' },
  ]);
});
