import { expect, test } from '@jest/globals';
import { Acknowledgements } from './acknowledgements.ts';
import type { Elections } from './elections.ts';
import { ToldLedger } from './told-ledger.ts';
import type { Acknowledged } from './watch.ts';

const ALWAYS_LED = { ledAtMs: Infinity, hasDeposed: () => false } as unknown as Elections;

/** `m1` has answered that the service is removed, which no entry says so far. */
function answered(): { told: ToldLedger; judge: (isAtRest?: boolean) => readonly string[] } {
  let seen: Acknowledgements | null = null;
  const told = new ToldLedger(
    ({ ledger }) => (seen = new Acknowledgements(ledger.sight, ALWAYS_LED)),
  );
  told.world.init('m1');
  const request = { method: 'remove-service', ref: 'web' } as const;
  const times = { askedAtMs: 0, answeredAtMs: 0 };
  return {
    told,
    judge: (isAtRest) => {
      if (told.broken.length === 0)
        seen?.note({ request, reply: null, machine: 'm1', ...times } as unknown as Acknowledged);
      seen?.judge(isAtRest);
      return told.broken;
    },
  };
}

test('an answer of a manager that goes on is judged at once', () => {
  expect(answered().judge()).toEqual(['acknowledged-is-committed']);
});

test('an answer of a manager that is gone in the same instant waits for what the next leader commits', () => {
  const { told, judge } = answered();
  told.commit(0, told.node('n1', 'ready'));
  told.world.machine('m1').crash();
  expect(judge()).toEqual([]);
  told.term += 1;
  told.commit(1000, told.node('n2', 'ready'));
  expect(judge()).toContain('acknowledged-is-committed');
});

test('it is judged at rest at the latest', () => {
  const { told, judge } = answered();
  told.world.machine('m1').crash();
  expect(judge(true)).toContain('acknowledged-is-committed');
});
