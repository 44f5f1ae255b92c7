/** Every request that was played to a real 26.1 engine is answered by the API, over the control plane's real rules, as the engine answered it. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { DEFAULT_OPTIONS, type ApiResponse } from './api-message.ts';
import { handle, route } from './handler.ts';
import { LeaderNode } from './leader-node.ts';
import { nodesIn, recordsIn, requestOf, servicesIn, swarmIn, type Recorded } from './recording.ts';

const read = (name: string): readonly Recorded[] =>
  recordsIn<Recorded>(
    readFileSync(new URL(`../../fixtures/api/26.1/${name}.json`, import.meta.url), 'utf8'),
  );

const OPTIONS = { ...DEFAULT_OPTIONS['26.1'], engineVersion: '26.1.5+dfsg1' };

function answer(
  node: LeaderNode,
  recorded: Pick<Recorded, 'path'> & Partial<Recorded>,
): ApiResponse {
  const answers: ApiResponse[] = [];
  handle(node, requestOf(recorded), (response) => answers.push(response), OPTIONS);
  expect(answers).toHaveLength(1);
  return answers[0]!;
}

const headersOf = (response: ApiResponse): Record<string, string> =>
  Object.fromEntries(
    Object.entries(response.headers).map(([key, value]) => [key.toLowerCase(), value]),
  );

const title = ({ name, method = 'GET', path, body }: Recorded): string =>
  `${name ?? ''} ${method} ${path} ${name === 'bad json' || path.startsWith('/swarm/') ? JSON.stringify(body) : ''}`.slice(
    0,
    150,
  );

const anyId = (text: string): string =>
  text.replace(/"ID":"[a-z0-9]{25}","Warnings"/, '"ID":"…","Warnings"');

describe('on a node in no swarm', () => {
  const records = read('inactive').filter(
    ({ method = 'GET', path }) => route({ method, path: path.split('?')[0]! }) === 'swarm',
  );
  test.each(records.map((record) => [title(record), record] as const))('%s', (_title, record) => {
    const node = LeaderNode.outside();
    node.ownInterfaces = [
      { name: 'eth0', up: true, loopback: false, ofEngine: false, addresses: ['172.17.0.2'] },
    ];
    const reply = answer(node, record);
    // The real engine took these two further than the facade: to the token's form.
    if (record.answer.includes('invalid join token')) {
      expect(node.joins).toHaveLength(1);
      return;
    }
    expect([reply.status, reply.body]).toEqual([record.status, record.answer]);
    expect(headersOf(reply)).toEqual(record.answerHeaders);
  });
});

describe('on the one manager of a swarm', () => {
  const records = read('errors');
  const found = (path: string): string => records.find((one) => one.path === path)!.answer;
  const [taken] = servicesIn(found('/services?filters={}'));
  const [{ node: self, manager }] = nodesIn(found('/nodes?filters={%22role%22:[%22%22]}')) as [
    ReturnType<typeof nodesIn>[number],
  ];
  const swarm = swarmIn(read('views').find((one) => one.path === '/swarm')!.answer);

  function leader(): LeaderNode {
    const node = new LeaderNode();
    node.ownId = self.id;
    node.managers.set(self.id, manager);
    node.put('node', self);
    node.put('service', taken!);
    node.put('cluster', swarm);
    return node;
  }

  test.each(records.map((record) => [title(record), record] as const))('%s', (_title, record) => {
    const reply = answer(leader(), record);
    expect([reply.status, anyId(reply.body)]).toEqual([record.status, anyId(record.answer)]);
    expect(headersOf(reply)).toEqual(record.answerHeaders);
  });
});
