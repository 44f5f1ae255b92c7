/** What goes in as a spec comes out as real Swarm 26.1 gave it back: `GET /services/{id}`, plain and with defaults. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { DEFAULT_OPTIONS } from './api-message.ts';
import { handle } from './handler.ts';
import { LeaderNode } from './leader-node.ts';
import { recordsIn, requestOf } from './recording.ts';

interface RecordedSpec {
  readonly name: string;
  readonly version: string;
  readonly spec: unknown;
  readonly status: number;
  readonly answer: string;
  readonly inspect: string;
  readonly defaults: string;
}

const records = recordsIn<RecordedSpec>(
  readFileSync(new URL('../../fixtures/api/26.1/specs.json', import.meta.url), 'utf8'),
);

function call(
  node: LeaderNode,
  request: Parameters<typeof requestOf>[0],
): { status: number; body: string } {
  let answer = { status: 0, body: '' };
  handle(
    node,
    requestOf(request),
    (response) => {
      answer = response;
    },
    DEFAULT_OPTIONS['26.1'],
  );
  return answer;
}

/** The spec's own text, so that the order of members is compared as well. */
const specIn = (body: string): string => /"Spec":(\{.*\}),"Endpoint"/.exec(body)?.[1] ?? body;

describe('a spec comes back as real Swarm gives it back:', () => {
  test.each(records.map((record) => [record.name, record] as const))('%s', (_name, record) => {
    const node = new LeaderNode();
    const { version, spec } = record;
    const created = call(node, {
      method: 'POST',
      path: `/v${version}/services/create`,
      body: spec,
    });
    expect(created.status).toBe(record.status);
    const { ID } = JSON.parse(created.body) as { ID: string };
    const path = `/v${version}/services/${ID}`;
    expect(specIn(call(node, { path }).body)).toBe(specIn(record.inspect));
    expect(specIn(call(node, { path: `${path}?insertDefaults=1` }).body)).toBe(
      specIn(record.defaults),
    );
  });
});
