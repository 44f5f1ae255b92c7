import { describe, expect, test } from '@jest/globals';
import {
  DEFAULT_OPTIONS,
  type ApiOptions,
  type ApiRequest,
  type ApiResponse,
} from './api-message.ts';
import { handle } from './handler.ts';
import { LeaderNode } from './leader-node.ts';
import { requestOf } from './recording.ts';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

/** A node whose engine finds one image in its registry. */
function nodeWithRegistry(): LeaderNode {
  const node = new LeaderNode();
  node.engineAnswer = ({ path }: ApiRequest): ApiResponse => {
    const isThere = path === '/distribution/shop:1/json';
    const body = isThere ? { Descriptor: { digest: DIGEST } } : { message: 'not found' };
    return { status: isThere ? 200 : 404, headers: {}, body: JSON.stringify(body) };
  };
  return node;
}

function ask(
  node: LeaderNode,
  path: string,
  image: string,
  options: Partial<ApiOptions> = {},
): ApiResponse {
  const body = { Name: 'web', TaskTemplate: { ContainerSpec: { Image: image } } };
  const headers = { 'X-Registry-Auth': 'c2VjcmV0' };
  const answers: ApiResponse[] = [];
  handle(
    node,
    requestOf({ method: 'POST', path, body, headers }),
    (answer) => answers.push(answer),
    { ...DEFAULT_OPTIONS['26.1'], ...options },
  );
  return answers[0]!;
}

const imageIn = (node: LeaderNode): string | undefined =>
  node.store.read.all('service')[0]?.spec.TaskTemplate.ContainerSpec?.Image;

describe('for clients before 1.30 the daemon', () => {
  test('pins an image by its digest, asked with the credentials of the client', () => {
    const node = nodeWithRegistry();
    const { status, body } = ask(node, '/v1.29/services/create', 'docker.io/library/shop:1');
    expect([status, JSON.parse(body)]).toMatchObject([201, { Warnings: null }]);
    expect(imageIn(node)).toBe(`shop:1@${DIGEST}`);
    expect(node.engineRequests[0]?.headers).toEqual({ 'x-registry-auth': 'c2VjcmV0' });
  });
  test('warns where no registry answers for it', () => {
    const node = nodeWithRegistry();
    const { body } = ask(node, '/v1.29/services/create', 'other');
    expect(node.engineRequests[0]?.path).toBe('/distribution/other:latest/json');
    expect(imageIn(node)).toBe('other');
    expect((JSON.parse(body) as { Warnings: string[] }).Warnings).toEqual([
      'image other could not be accessed on a registry to record\nits digest. Each node will access other independently,\npossibly leading to different nodes running different\nversions of the image.\n',
    ]);
  });
  test('warns in 20.10 where there is something to warn of, and else says nothing', () => {
    const as20 = DEFAULT_OPTIONS['20.10'];
    const warned = ask(nodeWithRegistry(), '/v1.29/services/create', 'other', as20).body;
    expect(JSON.parse(warned)).toHaveProperty('Warnings');
    const silent = ask(nodeWithRegistry(), '/v1.29/services/create', 'shop:1', as20).body;
    expect(JSON.parse(silent)).not.toHaveProperty('Warnings');
  });
});

describe('no registry is asked', () => {
  test.each([
    ['for a client that asks itself', '/v1.30/services/create', 'shop:1', {}],
    ['for a digest', '/v1.29/services/create', `shop@${DIGEST}`, {}],
    ['where the daemon may not', '/v1.29/services/create', 'shop:1', { asksNoRegistry: true }],
  ])('%s', (_, path, image, options) => {
    const node = nodeWithRegistry();
    expect(ask(node, path, image, options).status).toBe(201);
    expect(node.engineRequests).toEqual([]);
    expect(imageIn(node)).toBe(image);
  });
});
