import { describe, expect, test } from '@jest/globals';
import type Dockerode from 'dockerode';
import type { ContainerStatus, Task } from '../../model/objects.ts';
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

function controllerOn(
  docker: Dockerode,
  { task = makeTask('t', { node: 'n1' }), preferOfflineImage = true } = {},
  said: string[] = [],
): ContainerController {
  const health = { unhealthy: () => () => undefined } as unknown as HealthEvents;
  return new ContainerController(task, {
    docker,
    health,
    preferOfflineImage,
    warn: (message) => said.push(message),
    images: new ImageLookups(docker),
    describe: () => undefined,
    files: new DependencyFiles('/nowhere'),
    dependencies: { secrets: [], configs: [] },
  });
}

interface PullWords {
  readonly authconfig?: { readonly key: string };
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

test('a new task costs dockerd three questions, and its status is known without another', async () => {
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
  expect(asked).toEqual(['create', 'start', 'inspect']);
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
  expect(asked).toEqual(['create', 'inspect', 'inspect', 'inspect']);
});

test('tasks that come together ask for their image once', async () => {
  const { docker, asked } = countingEngine(false);
  const images = new ImageLookups(docker);
  expect(await Promise.all([images.isPresent('a'), images.isPresent('a')])).toEqual([true, true]);
  await images.isPresent('a');
  expect(asked).toEqual(['image', 'image']);
});

describe('where registries may be asked', () => {
  const withImage = (Image: string, RegistryAuth?: string): Task => {
    const task = makeTask('t', { node: 'n1' });
    const PullOptions = RegistryAuth === undefined ? undefined : { RegistryAuth };
    const ContainerSpec = { Image, ...(PullOptions === undefined ? {} : { PullOptions }) };
    return { ...task, spec: { ...task.spec, ContainerSpec } };
  };
  const prepare = async (
    task: Task,
    refuses = false,
  ): Promise<{ asked: readonly string[]; said: readonly string[] }> => {
    const { docker, asked } = countingEngine(false);
    const said: string[] = [];
    const pull = async (image: string, { authconfig }: PullWords): Promise<unknown> => {
      asked.push(`pull ${image} ${authconfig?.key ?? ''}`.trim());
      const refusal = Object.assign(new Error('denied'), { statusCode: 500 });
      return refuses ? Promise.reject(refusal) : Promise.resolve({});
    };
    const modem = {
      followProgress: (_: unknown, done: (e: null) => void) => {
        done(null);
      },
    };
    const engine = Object.assign(docker, { pull, modem }) as unknown as Dockerode;
    const controller = controllerOn(engine, { task, preferOfflineImage: false }, said);
    await answerOf((done) => {
      controller.prepare(done);
    });
    return { asked, said };
  };
  const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

  test('a tag is pulled with the credentials of its service, whether it is there or not', async () => {
    const { asked } = await prepare(withImage('shop:1', 'secret'));
    expect(asked).toEqual(['pull shop:1 secret', 'create']);
  });
  test('a digest that is there is not pulled, and an id never', async () => {
    expect((await prepare(withImage(`shop@${digest}`))).asked).toEqual(['image', 'create']);
    expect((await prepare(withImage(digest))).asked).toEqual(['create']);
  });
  test('another isolation than the default is refused in Swarm’s words, before dockerd is asked', async () => {
    const { docker, asked } = countingEngine(false);
    const ContainerSpec = { Image: digest, Isolation: 'hyperv' };
    const task = makeTask('t', { node: 'n1' });
    const controller = controllerOn(docker, {
      task: { ...task, spec: { ...task.spec, ContainerSpec } },
    });
    const answer = await answerOf((done) => {
      controller.prepare(done);
    });
    expect(answer).toMatchObject({ message: "invalid isolation 'hyperv' on linux" });
    expect(asked).toEqual([]);
  });
  test('a pull that fails is told, and dockerd judges what is here', async () => {
    const { asked, said } = await prepare(withImage('shop:1'), true);
    expect(asked).toEqual(['pull shop:1', 'create']);
    expect(said).toEqual(['pulling image shop:1 failed: denied']);
  });
});
