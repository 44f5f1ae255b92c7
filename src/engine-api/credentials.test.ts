import { expect, test } from '@jest/globals';
import { DEFAULT_OPTIONS, type ApiResponse } from './api-message.ts';
import { handle } from './handler.ts';
import { LeaderNode } from './leader-node.ts';
import { requestOf } from './recording.ts';

function ask(node: LeaderNode, request: Parameters<typeof requestOf>[0]): ApiResponse {
  const answers: ApiResponse[] = [];
  handle(node, requestOf(request), (answer) => answers.push(answer), DEFAULT_OPTIONS['26.1']);
  return answers[0]!;
}

const body = { Name: 'web', TaskTemplate: { ContainerSpec: { Image: 'private/image' } } };
const given = (auth: string): { readonly headers: Record<string, string> } => ({
  headers: { 'X-Registry-Auth': auth },
});

function created(auth?: string): LeaderNode {
  const node = new LeaderNode();
  const path = '/services/create';
  const headers = auth === undefined ? {} : given(auth);
  expect(ask(node, { method: 'POST', path, body, ...headers }).status).toBe(201);
  return node;
}

const service = (node: LeaderNode) => node.store.read.all('service')[0]!;
const kept = (node: LeaderNode): string | undefined =>
  service(node).spec.TaskTemplate.ContainerSpec?.PullOptions?.RegistryAuth;

function update(node: LeaderNode, query = '', auth?: string): number {
  const path = `/services/web/update?version=${service(node).meta.version}${query}`;
  const headers = auth === undefined ? {} : given(auth);
  return ask(node, { method: 'POST', path, body, ...headers }).status;
}

test('credentials are kept for the nodes that pull, and shown to nobody', () => {
  const node = created('c2VjcmV0');
  expect(kept(node)).toBe('c2VjcmV0');
  for (const path of ['/services', '/services/web', '/services/web?insertDefaults=true'])
    expect(ask(node, { path }).body).not.toMatch(/c2VjcmV0|PullOptions/);
});

test('an update without credentials goes on with those of the spec in force', () => {
  const node = created('one');
  expect(update(node)).toBe(200);
  expect(kept(node)).toBe('one');
  expect(update(node, '', 'two')).toBe(200);
  expect(kept(node)).toBe('two');
  expect(update(node, '&registryAuthFrom=previous-spec')).toBe(200);
  expect(kept(node)).toBe('one');
});

test('where they are to come from matters only where none are given', () => {
  const node = created();
  expect(update(node, '&registryAuthFrom=previous-spec')).toBe(500);
  expect(update(node, '&registryAuthFrom=x')).toBe(500);
  expect(update(node, '&registryAuthFrom=x', 'one')).toBe(200);
  expect(kept(node)).toBe('one');
});
