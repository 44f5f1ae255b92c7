/** Constraints against a reader that goes through the text letter by letter, and a judge that looks values up in a flat list. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { matchesConstraints, parseConstraints, type Constraint } from './constraint.ts';
import { makeNode } from './dispatcher/virtual-swarm.ts';

const RUNS = { seed: 3004, numRuns: 1000 };
const KEY_LETTERS = 'abcXYZ019-_.';
const VALUE_LETTERS = 'abcXYZ019:-_ .*()?+[]\\^$|/';

const letters = (from: string, minLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...Array.from(from)), minLength, maxLength: 12 });
const spaces = fc.constantFrom('', ' ', '  ', '\t');
const key = fc
  .tuple(fc.constantFrom('a', 'N', '_', 'z'), letters(KEY_LETTERS, 1))
  .map((parts) => parts.join(''));
const value = letters(VALUE_LETTERS, 1)
  .map((text) => text.trim())
  .filter((text) => text !== '');
const operator = fc.constantFrom('==' as const, '!=' as const);
const constraint = fc.record({ key, operator, value });

test('a list that is printed, with spaces anywhere between, is read back as it was', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(constraint, spaces, spaces)), (list) => {
      const texts = list.map(
        ([each, a, b]) => `${a}${each.key}${b}${each.operator}${a}${each.value}${b}`,
      );
      expect(parseConstraints(texts)).toEqual({
        ok: true,
        constraints: list.map(([each]) => each),
      });
    }),
    RUNS,
  );
});

/** The error of one text by the grammar, or what it says. */
function readSlowly(text: string): Constraint | string {
  let at = -1;
  let found: '==' | '!=' = '==';
  for (const sign of ['==', '!='] as const) {
    for (let place = 0; at < 0 && place + 2 <= text.length; place += 1)
      if (text[place] === sign[0] && text[place + 1] === sign[1]) [at, found] = [place, sign];
  }
  if (at < 0) return 'constraint expected one operator from ==, !=';
  const [left, right] = [text.slice(0, at).trim(), text.slice(at + 2).trim()];
  const isLetter = (letter: string): boolean => /^[a-zA-Z]$/.test(letter);
  const isDigit = (letter: string): boolean =>
    letter >= '0' && letter <= '9' && letter.length === 1;
  const [first = '', ...others] = Array.from(left);
  const keyFits =
    (isLetter(first) || first === '_') &&
    others.length > 0 &&
    others.every((letter) => isLetter(letter) || isDigit(letter) || '-_.'.includes(letter));
  if (!keyFits) return `key '${left}' is invalid`;
  const inValue = (letter: string): boolean =>
    isLetter(letter) || isDigit(letter) || ':-_ \t\n\f\r.*()?+[]\\^$|/'.includes(letter);
  if (right === '' || !Array.from(right).every(inValue)) return `value '${right}' is invalid`;
  return { key: left, operator: found, value: right };
}

test('any text is read, or refused with the words of its first fault, as the grammar says', () => {
  const text = letters('ab1=!.-_ ,@:\n\tÄſK', 0);
  fc.assert(
    fc.property(fc.array(text, { maxLength: 3 }), (list) => {
      const read = list.map(readSlowly);
      const error = read.find((each) => typeof each === 'string');
      expect(parseConstraints(list)).toEqual(
        error === undefined ? { ok: true, constraints: read } : { ok: false, error },
      );
    }),
    { ...RUNS, numRuns: 4000 },
  );
});

const WORDS = [
  'east',
  'EAST',
  'west',
  'n1',
  'N1',
  'linux',
  'x86_64',
  'manager',
  'worker',
  'constructor',
];
const word = fc.constantFrom(...WORDS);
const labels = fc.dictionary(fc.constantFrom('zone', 'Zone', 'constructor', 'disk'), word);
const node = fc
  .record({
    id: fc.constantFrom('n1', 'n2'),
    labels,
    engineLabels: labels,
    role: fc.constantFrom('manager' as const, 'worker' as const),
  })
  .map(({ id, ...options }) => ({ id, options, node: makeNode(id, options) }));
const KEYS = [
  'id',
  'hostname',
  'role',
  'platform.os',
  'platform.arch',
  'labels.zone',
  'labels.Zone',
  'labels.constructor',
  'labels.toString',
  'labels.',
  'unknown',
];
const nodeKey = fc
  .tuple(fc.constantFrom('node.', 'NODE.', 'engine.', 'other.'), fc.constantFrom(...KEYS))
  .map((parts) => parts.join(''));

test('a node fits when each constraint compares as its one value says, whatever the case', () => {
  fc.assert(
    fc.property(
      node,
      fc.array(fc.record({ key: nodeKey, operator, value: word }), { maxLength: 3 }),
      (made, list) => {
        const values = new Map<string, string>([
          ['node.id', made.id],
          ['node.hostname', made.id],
          ['node.role', made.options.role],
          ['node.platform.os', 'linux'],
          ['node.platform.arch', 'x86_64'],
        ]);
        const fits = list.every(({ key: name, operator: sign, value: wanted }) => {
          const lower = name.toLowerCase();
          let actual = values.get(lower);
          for (const [prefix, all] of [
            ['node.labels.', made.options.labels],
            ['engine.labels.', made.options.engineLabels],
          ] as const)
            if (lower.startsWith(prefix) && name.length > prefix.length)
              actual = new Map(Object.entries(all)).get(name.slice(prefix.length)) ?? '';
          if (actual === undefined) return false;
          return (actual.toLowerCase() === wanted.toLowerCase()) === (sign === '==');
        });
        expect(matchesConstraints(list, made.node)).toBe(fits);
      },
    ),
    RUNS,
  );
});

test('an address is in a network when the leading bits are equal, and a malformed one matches nothing', () => {
  const byte = fc.nat({ max: 255 });
  const address = fc.tuple(fc.constantFrom(10, 11), fc.constantFrom(0, 128), byte, byte);
  const asNumber = (parts: readonly number[]): bigint =>
    parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  fc.assert(
    fc.property(
      address,
      address,
      fc.option(fc.nat({ max: 40 })),
      operator,
      (own, other, bits, sign) => {
        const at = {
          ...makeNode('n1'),
          status: { state: 'ready' as const, message: '', addr: own.join('.') },
        };
        const text = bits === null ? other.join('.') : `${other.join('.')}/${bits}`;
        const shift = BigInt(32 - (bits ?? 32));
        const isInside =
          bits !== null && bits > 32 ? null : asNumber(own) >> shift === asNumber(other) >> shift;
        expect(matchesConstraints([{ key: 'node.ip', operator: sign, value: text }], at)).toBe(
          isInside === null ? false : isInside === (sign === '=='),
        );
      },
    ),
    RUNS,
  );
});
