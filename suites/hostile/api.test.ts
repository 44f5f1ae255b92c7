/** The Engine API's swarm part against whatever a client may send, on a living swarm in virtual time. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { wrongWith } from './answers.ts';
import { drawnCall, sayCall, SECRETS, type DrawnCall } from './api-calls.ts';
import { effortOf, tell } from './effort.ts';
import { SimulatedApi } from './simulated-api.ts';
import { unsoundness } from './sound-swarm.ts';

/** Of virtual time, for what was asked to be done. */
const SETTLE_MS = 20_000;
const MOST_CALLS = 60;

const calls = fc.array(drawnCall, { minLength: 1, maxLength: MOST_CALLS, size: 'max' });

function play(api: SimulatedApi, list: readonly DrawnCall[]): void {
  for (const call of list) {
    const wrong = wrongWith(api.call(call), SECRETS);
    if (wrong !== null) throw new Error(`${wrong}\nat ${sayCall(call)}`);
  }
  api.world.advance(SETTLE_MS);
  expect(unsoundness(api)).toEqual([]);
}

describe('the Engine API on a living swarm', () => {
  const effort = effortOf('api', 0.25);

  test(
    'answers every call once, in Swarm’s words, and the swarm stays sound',
    () => {
      let count = 0;
      const property = fc.property(calls, (list) => {
        count += list.length;
        play(new SimulatedApi('hostile'), list);
      });
      const begun = performance.now();
      fc.assert(property, effort.parametersFor<[DrawnCall[]]>());
      const rate = (count / (performance.now() - begun)) * 1000;
      tell(`api: ${count} calls, ${rate.toFixed(0)} a second`);
    },
    effort.timeoutMs,
  );

  test('is seen to be unsound where a list leaves something out', () => {
    const api = new SimulatedApi('hostile');
    const things = api.things.bind(api);
    api.things = (of) => [...things(of), { id: 'nowhere', name: '', version: 0 }];
    expect(unsoundness(api)).toContain('services nowhere is not listed');
  });
});

describe('an answer', () => {
  test.each([
    ['a defect’s text', { status: 500, body: '{"message":"x is not a function"}' }],
    ['a stack', { status: 400, body: '{"message":"bad\\n    at f (file:///a.ts:1)"}' }],
    ['a 500 in nobody’s words', { status: 500, body: '{"message":"something went wrong"}' }],
    ['an error that is no message', { status: 404, body: 'nothing' }],
    ['a secret', { status: 200, body: `[{"Data":"${SECRETS[1] ?? ''}"}]` }],
  ])('with %s is wrong', (_title, answer) => {
    expect(wrongWith(answer, SECRETS)).not.toBeNull();
  });
});
