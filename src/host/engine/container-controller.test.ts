import { expect, test } from '@jest/globals';
import type Dockerode from 'dockerode';
import type { ContainerStatus } from '../../model/objects.ts';
import type { Result } from '../../model/result.ts';
import { makeTask } from '../../swarm/dispatcher/virtual-swarm.ts';
import { ContainerController } from './container-controller.ts';
import { DependencyFiles } from './dependency-files.ts';
import type { HealthEvents } from './health-events.ts';

const GONE = 'No such container: web.1.t';

/** A dockerd that knows no container, in the words of dockerode's errors. */
function emptyEngine(message: string): Dockerode {
  const refuse = async (): Promise<never> =>
    Promise.reject(
      Object.assign(new Error(`(HTTP code 404) no such container - ${message} `), {
        statusCode: 404,
        json: { message },
      }),
    );
  const container = { start: refuse, wait: refuse, stop: refuse, remove: refuse, inspect: refuse };
  return { getContainer: () => container } as unknown as Dockerode;
}

function controllerOn(docker: Dockerode): ContainerController {
  const health = { unhealthy: () => () => undefined } as unknown as HealthEvents;
  return new ContainerController(makeTask('t', { node: 'n1' }), {
    docker,
    health,
    preferOfflineImage: true,
    describe: () => undefined,
    files: new DependencyFiles('/nowhere'),
    dependencies: { secrets: [], configs: [] },
  });
}

const answerOf = async <T>(call: (done: (result: Result<T>) => void) => void): Promise<unknown> =>
  new Promise((resolve) => {
    call((result) => {
      resolve(
        result.ok ? result.value : { code: result.error.code, message: result.error.message },
      );
    });
  });

test('a container that is gone fails what waits for it, and what starts it, in the words of dockerd', async () => {
  const controller = controllerOn(emptyEngine(GONE));
  const gone = { code: 'NotFound', message: GONE };
  expect(
    await answerOf((done) => {
      controller.wait(done);
    }),
  ).toEqual(gone);
  expect(
    await answerOf((done) => {
      controller.start(done);
    }),
  ).toEqual(gone);
  expect(controller.lastStatus()).toBeNull();
});

test('whatever else is missing at the start is told as a failed start', async () => {
  const controller = controllerOn(emptyEngine('network front not found'));
  expect(
    await answerOf((done) => {
      controller.start(done);
    }),
  ).toEqual({
    code: 'NotFound',
    message: 'starting container failed: network front not found',
  });
});

test('a container that is gone does well when it is to be stopped or removed', async () => {
  const controller = controllerOn(emptyEngine(GONE));
  expect(
    await answerOf<ContainerStatus | null>((done) => {
      controller.shutdown(done);
    }),
  ).toBeNull();
  expect(
    await answerOf((done) => {
      controller.remove(done);
    }),
  ).toBeNull();
});
