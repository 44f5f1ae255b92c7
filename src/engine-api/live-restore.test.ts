import { expect, test } from '@jest/globals';
import { DEFAULT_OPTIONS, type ApiResponse } from './api-message.ts';
import { handle } from './handler.ts';
import { LeaderNode } from './leader-node.ts';
import { requestOf } from './recording.ts';

const ADDRESS = { ListenAddr: '127.0.0.1:2377', AdvertiseAddr: '127.0.0.1:2377' };
const JOIN = { ...ADDRESS, RemoteAddrs: ['127.0.0.2:2377'], JoinToken: 'x' };

function ask(LiveRestoreEnabled: boolean, path: string, body: unknown): ApiResponse | undefined {
  const node = LeaderNode.outside();
  node.engineAnswer = ({ path: asked }): ApiResponse => ({
    status: asked === '/info' ? 200 : 404,
    headers: {},
    body: JSON.stringify({ LiveRestoreEnabled }),
  });
  const answers: ApiResponse[] = [];
  const request = requestOf({ method: 'POST', path, body });
  handle(node, request, (answer) => answers.push(answer), DEFAULT_OPTIONS['26.1']);
  return answers[0];
}

test.each([
  ['/swarm/init', ADDRESS],
  ['/swarm/join', JOIN],
])('an engine that keeps containers while it is away is refused at %s', (path, body) => {
  expect(ask(true, path, body)).toMatchObject({
    status: 500,
    body: '{"message":"--live-restore daemon configuration is incompatible with swarm mode"}\n',
  });
  expect(ask(false, path, body)?.status).toBe(200);
});

test('what is wrong with a request is said first', () => {
  expect(ask(true, '/swarm/init', { ListenAddr: '' })?.status).toBe(400);
});
