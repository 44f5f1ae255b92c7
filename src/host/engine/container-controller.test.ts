import { expect, test } from '@jest/globals';
import type Dockerode from 'dockerode';
import type { ContainerStatus } from '../../model/objects.ts';
import type { Result } from '../../model/result.ts';
import { makeTask } from '../../swarm/dispatcher/virtual-swarm.ts';
import { ContainerController } from './container-controller.ts';
import { DependencyFiles } from './dependency-files.ts';
import type { HealthEvents } from './health-events.ts';
import { ImageLookups } from './image-lookups.ts';

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
    images: new ImageLookups(docker),
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

/** A dockerd that makes and starts containers, and keeps a list of what it was asked. */
function countingEngine(isThere: boolean): { docker: Dockerode; asked: string[] } {
  const asked: string[] = [];
  const ask = async <T>(what: string, answer: T): Promise<T> => {
    asked.push(what);
    return Promise.resolve(answer);
  };
  const info = {
    ...{ Id: 'c1', NetworkSettings: { Ports: {} } },
    State: { Pid: 7, ExitCode: 0, Running: isThere },
  };
  const taken = Object.assign(new Error('the name is in use'), { statusCode: 409 });
  const docker = {
    getImage: () => ({ inspect: () => ask('image', {}) }),
    createContainer: async () => {
      asked.push('create');
      return isThere ? Promise.reject(taken) : Promise.resolve({ id: 'c1' });
    },
    getContainer: () => ({
      inspect: () => ask('inspect', info),
      start: () => ask('start', null),
    }),
  };
  return { docker: docker as unknown as Dockerode, asked };
}

test('a new task costs dockerd four questions, and its status is known without another', async () => {
  const { docker, asked } = countingEngine(false);
  const controller = controllerOn(docker);
  expect(
    await answerOf((done) => {
      controller.prepare(done);
    }),
  ).toEqual({ containerId: 'c1', pid: 0, exitCode: 0 });
  await answerOf((done) => {
    controller.start(done);
  });
  expect(asked).toEqual(['image', 'create', 'start', 'inspect']);
  expect(controller.lastStatus()).toEqual({ containerId: 'c1', pid: 7, exitCode: 0 });
});

test('a container that a process before this one made and started is taken as it is', async () => {
  const { docker, asked } = countingEngine(true);
  const controller = controllerOn(docker);
  expect(
    await answerOf((done) => {
      controller.prepare(done);
    }),
  ).toEqual({ containerId: 'c1', pid: 7, exitCode: 0 });
  await answerOf((done) => {
    controller.start(done);
  });
  expect(asked).toEqual(['image', 'create', 'inspect', 'inspect', 'inspect']);
});

test('tasks that come together ask for their image once', async () => {
  const { docker, asked } = countingEngine(false);
  const images = new ImageLookups(docker);
  expect(await Promise.all([images.isPresent('a'), images.isPresent('a')])).toEqual([true, true]);
  await images.isPresent('a');
  expect(asked).toEqual(['image', 'image']);
});
