/** Messages of Swarm's protocol as no sender would make them: the right fields with the wrong things in them, and bytes that are no fields. */
import { ScalarType, type DescField, type DescMessage } from '@bufbuild/protobuf';
import fc, { type Arbitrary } from 'fast-check';

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;
const DEEPEST = 3;

const NUMBERS = [
  0n,
  1n,
  2n,
  3n,
  5n,
  127n,
  600n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
}

const tagged = (number: number, type: number, value: Uint8Array): Buffer =>
  Buffer.concat([varint(BigInt(number * 8 + type)), value]);
const delimited = (number: number, value: Uint8Array): Buffer =>
  tagged(number, DELIMITED, Buffer.concat([varint(BigInt(value.length)), value]));

const FIXED = new Map<ScalarType, [number, number]>([
  [ScalarType.DOUBLE, [FIXED64, 8]],
  [ScalarType.FIXED64, [FIXED64, 8]],
  [ScalarType.SFIXED64, [FIXED64, 8]],
  [ScalarType.FLOAT, [FIXED32, 4]],
  [ScalarType.FIXED32, [FIXED32, 4]],
  [ScalarType.SFIXED32, [FIXED32, 4]],
]);

/** `words` are texts that mean something to who reads them: ids, sessions, tokens. */
export class ProtobufNoise {
  readonly #texts: Arbitrary<Buffer>;
  readonly #made = new Map<string, Arbitrary<Buffer>>();

  constructor(words: readonly string[]) {
    this.#texts = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...words).map((text) => Buffer.from(text)) },
      { weight: 2, arbitrary: fc.constantFrom(...ODD).map((text) => Buffer.from(text, 'latin1')) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)) },
    );
  }

  /** Bytes of a message of that type, or nearly. */
  of(type: DescMessage): Arbitrary<Buffer> {
    const message = this.#message(type, 0);
    return fc.oneof(
      { weight: 8, arbitrary: message },
      { weight: 2, arbitrary: fc.tuple(message, fc.nat(), fc.nat({ max: 255 })).map(hurt) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)) },
    );
  }

  #message(type: DescMessage, depth: number): Arbitrary<Buffer> {
    const key = `${type.typeName}/${depth}`;
    let made = this.#made.get(key);
    if (made === undefined) {
      const fields = type.fields.filter(
        (field) => depth < DEEPEST || (field.fieldKind !== 'message' && field.fieldKind !== 'map'),
      );
      made =
        fields.length === 0
          ? fc.constant(Buffer.alloc(0))
          : fc
              .array(fc.oneof(...fields.map((field) => this.#field(field, depth))), {
                maxLength: 6,
              })
              .map((parts) => Buffer.concat(parts));
      this.#made.set(key, made);
    }
    return made;
  }

  #field(field: DescField, depth: number): Arbitrary<Buffer> {
    const { number } = field;
    const inner = field.fieldKind === 'list' ? field.listKind : field.fieldKind;
    if (inner === 'map')
      return fc
        .tuple(this.#texts, this.#texts)
        .map(([one, other]) =>
          delimited(number, Buffer.concat([delimited(1, one), delimited(2, other)])),
        );
    if (inner === 'message' && field.message !== undefined)
      return this.#message(field.message, depth + 1).map((bytes) => delimited(number, bytes));
    const scalar = field.scalar ?? ScalarType.INT32;
    if (scalar === ScalarType.STRING || scalar === ScalarType.BYTES)
      return this.#texts.map((bytes) => delimited(number, bytes));
    const [type, size] = FIXED.get(scalar) ?? [VARINT, 0];
    if (size > 0)
      return fc
        .uint8Array({ minLength: size, maxLength: size })
        .map((bytes) => tagged(number, type, bytes));
    return fc.constantFrom(...NUMBERS).map((value) => tagged(number, VARINT, varint(value)));
  }
}

const ODD = [
  '',
  '\0',
  '\xff\xfe',
  '__proto__',
  'constructor',
  '../x',
  '[::1]:0',
  ':0',
  'a b:1',
  '127.0.0.1:1',
];

function hurt([bytes, at, by]: [Buffer, number, number]): Buffer {
  const cut = at % (bytes.length + 1);
  return by % 2 === 0
    ? bytes.subarray(0, cut)
    : Buffer.concat([bytes.subarray(0, cut), Buffer.from([by]), bytes.subarray(cut + 1)]);
}

/** A message in its frame, or in none: the flag of compression, lengths that are wrong, halves, doubles. */
export const framed = (message: Arbitrary<Buffer>): Arbitrary<Buffer> =>
  fc
    .tuple(
      message,
      fc.oneof(
        { weight: 12, arbitrary: fc.constant('right' as const) },
        {
          weight: 1,
          arbitrary: fc.constantFrom(
            'compressed',
            'long',
            'short',
            'huge',
            'double',
            'half',
            'bare',
          ),
        },
      ),
    )
    .map(([bytes, how]) => {
      const frame = (flag: number, length: number): Buffer => {
        const head = Buffer.alloc(5);
        head[0] = flag;
        head.writeUInt32BE(length, 1);
        return Buffer.concat([head, bytes]);
      };
      const right = frame(0, bytes.length);
      switch (how) {
        case 'compressed':
          return frame(1, bytes.length);
        case 'long':
          return frame(0, bytes.length + 7);
        case 'short':
          return frame(0, Math.max(0, bytes.length - 1));
        case 'huge':
          return frame(0, 0xffffffff);
        case 'double':
          return Buffer.concat([right, right]);
        case 'half':
          return right.subarray(0, 3);
        case 'bare':
          return bytes;
        default:
          return right;
      }
    });
