import { describe, expect, test } from '@jest/globals';
import type { ServiceSpec } from '../model/specs.ts';
import { isCompose, isScenario, readCompose } from './read-compose.ts';

const SECOND = 1e9;
const read = (text: string): readonly ServiceSpec[] => readCompose(text, 'a.yaml').services;
const notes = (text: string): readonly string[] => readCompose(text, 'a.yaml').notes;

function mistakes(text: string): readonly string[] {
  try {
    readCompose(text, 'a.yaml');
  } catch (caught) {
    expect(caught).toMatchObject({ code: 'bad-scenario' });
    return (caught as Error).message.split('\n');
  }
  return [];
}

describe('a compose file becomes what docker stack deploy would create', () => {
  test('with the networks that each service asks for, as a list or as a map', () => {
    const text = [
      'services:',
      '  web: { image: x, networks: [front, back] }',
      '  api: { image: x, networks: { back: {} } }',
      '  db: { image: x }',
      'networks: { front: {}, back: {} }',
    ].join('\n');
    expect([...readCompose(text, 'a.yaml').networks]).toEqual([
      ['web', ['front', 'back']],
      ['api', ['back']],
    ]);
  });

  const [web, agent] = read(`
version: '3.9'
services:
  web:
    image: nginx:1.27
    command: nginx -g 'daemon off;'
    environment: { A: 1, B: two }
    stop_grace_period: 20s
    ports: [{ target: 80, published: 8080, mode: host }]
    deploy:
      replicas: 6
      update_config: { parallelism: 2, delay: 5s, order: start-first, failure_action: rollback }
      restart_policy: { condition: on-failure, delay: 10s, max_attempts: 3, window: 2m }
      placement:
        max_replicas_per_node: 2
        constraints: [node.role != manager]
        preferences: [{ spread: node.labels.zone }]
      resources: { limits: { cpus: '0.5' }, reservations: { memory: 50M } }
  agent:
    image: exporter
    deploy: { mode: global }
`);

  test('with its mode, policies, placement and resources', () => {
    expect(web).toMatchObject({
      Name: 'web',
      Mode: { Replicated: { Replicas: 6 } },
      TaskTemplate: {
        ContainerSpec: {
          Image: 'nginx:1.27',
          Args: ['nginx', '-g', 'daemon off;'],
          Env: ['A=1', 'B=two'],
          StopGracePeriod: 20 * SECOND,
        },
        RestartPolicy: {
          ...{ Condition: 'on-failure', Delay: 10 * SECOND },
          ...{ MaxAttempts: 3, Window: 120 * SECOND },
        },
        Placement: {
          MaxReplicas: 2,
          Constraints: ['node.role != manager'],
          Preferences: [{ Spread: { SpreadDescriptor: 'node.labels.zone' } }],
        },
        Resources: { Limits: { NanoCPUs: 5e8 }, Reservations: { MemoryBytes: 50 * 1024 ** 2 } },
      },
      UpdateConfig: { Parallelism: 2, Delay: 5 * SECOND, Order: 'start-first' },
      EndpointSpec: { Ports: [{ PublishedPort: 8080, TargetPort: 80, PublishMode: 'host' }] },
    });
  });

  test('a service without replicas has one, a global one none', () => {
    expect(read('services: { a: { image: x } }')[0]?.Mode).toEqual({ Replicated: { Replicas: 1 } });
    expect(agent?.Mode).toEqual({ Global: {} });
  });
});

describe('what is shared with anchors', () => {
  const shared = `
x-base: &base
  image: redis:7
  deploy: &deploy { replicas: 2, restart_policy: { condition: any } }
services:
  a: *base
  b:
    <<: *base
    deploy:
      <<: *deploy
      replicas: 5
`;
  test('is taken over, by an alias and by a merge', () => {
    const [a, b] = read(shared);
    expect(a?.TaskTemplate.ContainerSpec?.Image).toBe('redis:7');
    expect(b).toMatchObject({ Mode: { Replicated: { Replicas: 5 } } });
    expect(b?.TaskTemplate.RestartPolicy).toEqual({ Condition: 'any' });
  });
  test('and is wrong once, at its own place', () => {
    expect(mistakes(shared.replace('condition: any', 'condition: all'))).toEqual([
      "a.yaml:4:63: services.a.deploy.restart_policy.condition: 'all' is not one of none, on-failure, any",
    ]);
  });
});

describe('a mistake has its place and says what was expected', () => {
  test.each([
    [
      'services:\n  web:\n    deploy: { replicas: 2 }',
      "3:5: services.web: 'image' is missing: a swarm builds nothing",
    ],
    ['services:\n', '1:1: there are no services'],
    ['services: [web]', '1:11: services: expected a map of names and values'],
    [
      'services:\n  web:\n    image: x\n    deploy: { mode: globl }',
      "4:15: services.web.deploy.mode: 'globl' is not one of replicated, global, replicated-job, global-job",
    ],
    [
      'services:\n  web:\n    image: x\n    deploy: { replicas: -1 }',
      "4:15: services.web.deploy.replicas: '-1' is not a whole number",
    ],
    [
      'services:\n  web:\n    image: x\n    ports: ["1:2:3:4"]',
      "4:12: services.web.ports[0]: '1:2:3:4' is not a port, as in 8080:80 or 53:53/udp",
    ],
    [
      'services:\n  web:\n    image: x\n    stop_grace_period: 10',
      "4:24: services.web.stop_grace_period: '10' is not a duration, as in 10s",
    ],
  ])('%j', (text, line) => {
    expect(mistakes(text)).toEqual([expect.stringMatching(/^a\.yaml:\d+:\d+: /) as unknown]);
    expect(mistakes(text)[0]?.split(': ').slice(1)).toEqual(line.split(': ').slice(1));
    expect(mistakes(text)[0]?.split(':')[1]).toBe(line.split(':')[0]);
  });

  test('a slip in a name is one, and names what is known', () => {
    const [line] = mistakes('services:\n  web:\n    image: x\n    deploy: { replica: 3 }');
    expect(line).toMatch(
      /^a\.yaml:4:\d+: services\.web\.deploy\.replica: unknown field, expected one of mode, replicas,/,
    );
  });

  test('what YAML cannot read is one too', () => {
    expect(mistakes('services:\n  web: {')[0]).toMatch(/^a\.yaml:\d+:\d+: /);
  });

  test('after a dozen the rest is counted', () => {
    const many = Array.from({ length: 20 }, (_, n) => `  s${n}: { deploy: {} }`).join('\n');
    const lines = mistakes(`services:\n${many}`);
    expect(lines).toHaveLength(13);
    expect(lines.at(-1)).toBe('and 8 more');
  });
});

describe('what is read and has no counterpart is named, once', () => {
  const SERVICE = 'services:\n  a:\n    image: x\n';
  test.each([
    ['    networks: [front]\n', /^networks are not simulated/],
    ['    volumes: [data:/d]\n', /^volumes are not simulated/],
    ['    depends_on: [b]\n', /^'depends_on' is ignored, as docker stack deploy ignores it/],
    ['    ports: ["80:80"]\n', /^the routing mesh is not simulated/],
    ['    hostname: ${WHO}\n', /^the variable WHO is not set: it is empty/],
    ['    deploy: { mode: replicated-job }\n', /^when a job is done is not known here/],
  ])('%j', (line, note) => {
    expect(notes(SERVICE + line)).toEqual([expect.stringMatching(note) as unknown]);
    const twice = `${SERVICE}${line}  b:\n    image: y\n${line}`;
    expect(notes(twice)).toHaveLength(1);
  });

  test('and a port of the routing mesh takes part in nothing', () => {
    expect(read(`${SERVICE}    ports: ["80:80"]`)[0]?.EndpointSpec).toBeUndefined();
  });
});

test('a file that was copied from a page, with no-break spaces, is read, and told so', () => {
  const text = 'services:\n\u00a0 a:\n\u00a0 \u00a0 image: x\n';
  expect(read(text)[0]?.Name).toBe('a');
  expect(notes(text)[0]).toMatch(/^the file is indented with no-break spaces/);
});

test('variables come from the environment', () => {
  const text = 'services: { a: { image: "api:${TAG:-1}" } }';
  const image = (variables: Record<string, string>): string | undefined =>
    readCompose(text, 'a.yaml', variables).services[0]?.TaskTemplate.ContainerSpec?.Image;
  expect(image({})).toBe('api:1');
  expect(image({ TAG: '2' })).toBe('api:2');
});

test('a file with services is a compose file, one with steps or a shape is a scenario, others are neither', () => {
  const kinds = (text: string): readonly boolean[] => [isCompose(text), isScenario(text)];
  expect(kinds('services: { a: { image: x } }')).toEqual([true, false]);
  expect(kinds('suite: drain\nsteps: []')).toEqual([false, true]);
  expect(kinds('just text')).toEqual([false, false]);
  expect(kinds('')).toEqual([false, false]);
});
