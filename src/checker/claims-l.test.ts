import { describe, expect, test } from '@jest/globals';
import type { NodeName } from '../model/fault.ts';
import type { ClaimId } from '../model/scenario.ts';
import { MadeHistory } from './made-history.ts';
import { tellStory } from './story.ts';

const SHAPE = { managers: 3, workers: 0 };
const LABEL = { register: 'r', of: 'label' } as const;
const NAME = { register: 's', of: 'name' } as const;

/** A history with the words of this file. */
class Clients extends MadeHistory {
  constructor(...claims: readonly ClaimId[]) {
    super(SHAPE, claims);
  }
  reads(node: NodeName, version: number, value: string): this {
    return this.asks(node, 'GET', LABEL, { value: { version, value } });
  }
  writes(node: NodeName, version: number, value: string, isAnswered = true): this {
    return this.asks(node, 'POST', { ...LABEL, version, value }, isAnswered ? {} : null);
  }
  sees(node: NodeName, id: string): this {
    const free = { outcome: 'fail', status: 404, text: 'not found' } as const;
    return this.asks(node, 'GET', NAME, id === '' ? free : { value: { id } });
  }
  makes(node: NodeName, id: string): this {
    return this.asks(node, 'POST', NAME, { status: 201, value: { id } });
  }
  removes(node: NodeName): this {
    return this.asks(node, 'DELETE', NAME);
  }
}

describe('L1', () => {
  test('holds where every write took effect once', () => {
    const made = new Clients('L1').reads('n1', 5, '0').writes('n1', 5, 'a').reads('n2', 7, 'a');
    made.sees('n1', '').makes('n2', 'x').sees('n1', 'x').removes('n3').sees('n1', '');
    expect(made.verdict()).toMatchObject({ verdict: 'holds' });
  });

  test('holds where a write without an answer came late, or never', () => {
    const made = new Clients('L1').writes('n1', 5, 'a', false).writes('n1', 5, 'b', false);
    made.reads('n2', 5, '0').reads('n2', 6, 'b').reads('n1', 6, 'b');
    expect(made.verdict()).toMatchObject({ verdict: 'holds' });
  });

  test('takes what certainly did not happen for what it is', () => {
    const refused = { outcome: 'fail', status: 500, text: 'update out of sequence' } as const;
    const made = new Clients('L1').asks(
      'n1',
      'POST',
      { ...LABEL, version: 5, value: 'a' },
      refused,
    );
    expect(made.reads('n2', 5, '0').verdict()).toMatchObject({ verdict: 'holds' });
  });

  test('fails where two writes of one version both went through', () => {
    const made = new Clients('L1').reads('n1', 5, '0').writes('n1', 5, 'a').writes('n2', 5, 'b');
    const { verdict, reason } = made.verdict();
    expect(verdict).toBe('fails');
    expect(reason).toContain("write 'b' (version 5) of r through n2");
  });

  test('fails where a write that was answered is lost', () => {
    const made = new Clients('L1').writes('n1', 5, 'a').reads('n1', 6, 'a').writes('n1', 6, 'b');
    expect(made.reads('n1', 9, 'a').verdict()).toMatchObject({ verdict: 'fails' });
  });

  test('fails where a name was taken twice', () => {
    const made = new Clients('L1').makes('n1', 'x').makes('n2', 'y');
    expect(made.verdict()).toMatchObject({ verdict: 'fails' });
  });

  test('fails where somebody read what nobody wrote', () => {
    const made = new Clients('L1').writes('n1', 5, 'a').reads('n1', 6, 'z');
    expect(made.verdict()).toMatchObject({ verdict: 'fails' });
  });

  test('says nothing where no clients were at work', () => {
    expect(new Clients('L1').verdict()).toMatchObject({ verdict: 'inconclusive' });
  });
});

describe('L2', () => {
  const cut = { kind: 'pause', node: 'n3' } as const;
  /** `a` is overwritten at second 20, and read again so many seconds later. */
  const readAgain = (node: NodeName, afterS: number): Clients =>
    new Clients('L2')
      .at(5)
      .writes('n1', 5, 'a')
      .at(10)
      .fault('cut', cut)
      .at(20)
      .writes('n1', 6, 'b')
      .at(20 + afterS)
      .reads(node, 6, 'a');

  test('holds where no read is stale', () => {
    const made = new Clients('L2').writes('n1', 5, 'a').reads('n2', 6, 'a');
    expect(made.verdict()).toMatchObject({ verdict: 'holds' });
  });

  test('holds for what a manager tells that is cut off, and says how old it was', () => {
    const { verdict, reason } = readAgain('n3', 4).verdict();
    expect(verdict).toBe('holds');
    expect(reason).toContain('1 of 1 reads were stale, by 4.0 s at most');
  });

  test('fails where that one goes on longer than it can take itself for the leader', () => {
    expect(readAgain('n3', 14).verdict()).toMatchObject({ verdict: 'fails' });
  });

  test('fails where a manager tells old news that nothing cuts off', () => {
    expect(readAgain('n2', 1).verdict()).toMatchObject({ verdict: 'fails' });
  });

  test('says nothing where the writes have no order', () => {
    const made = new Clients('L2').writes('n1', 5, 'a').writes('n1', 5, 'b').reads('n1', 6, 'b');
    expect(made.verdict()).toMatchObject({ verdict: 'inconclusive' });
  });
});

test('registers and what is asked of them stand in no other list of a story', () => {
  const made = new Clients('L1').writes('n1', 5, 'a').service('r', {}).task('r.1.a').read('n1');
  const story = tellStory(made.service('web', {}).task('web.1.a').end());
  expect(story?.asked).toHaveLength(1);
  expect(story?.operations).toHaveLength(1);
  expect([...(story?.services.keys() ?? [])]).toEqual(['web']);
  expect(story?.tasks.map(({ service }) => service)).toEqual(['web']);
});
