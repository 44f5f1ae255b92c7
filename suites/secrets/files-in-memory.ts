import type { Scenario } from '../../src/model/scenario.ts';
import { START_S } from '../bounds.ts';

export const filesInMemory: Scenario = {
  name: 'files-in-memory',
  suite: 'secrets',
  title:
    'A task is given secrets and a config as files, which nobody removes while they are in use',
  shape: { managers: 2, workers: 1 },
  seed: 'secrets/1',
  expectedS: 30,
  claims: ['C1', 'C2', 'C3', 'C4'],
  steps: [
    {
      ...{ do: 'create-data', kind: 'secret', name: 'password' },
      data: 'no-real-secret: password of the suite',
    },
    {
      ...{ do: 'create-data', kind: 'secret', name: 'licence', through: 'n2' },
      data: 'no-real-secret: first line\nsecond line',
    },
    { do: 'create-data', kind: 'config', name: 'site', data: 'colour = green\nsize = 3' },
    { do: 'list-data', kind: 'secret', through: 'n1' },
    { do: 'list-data', kind: 'secret', through: 'n2' },
    { do: 'inspect-data', kind: 'secret', name: 'password', through: 'n1' },
    { do: 'inspect-data', kind: 'secret', name: 'password', through: 'n2' },
    { do: 'inspect-data', kind: 'secret', name: 'licence', through: 'n1' },
    { do: 'inspect-data', kind: 'secret', name: 'licence', through: 'n2' },
    { do: 'list-data', kind: 'config', through: 'n1' },
    { do: 'list-data', kind: 'config', through: 'n2' },
    { do: 'inspect-data', kind: 'config', name: 'site', through: 'n1' },
    { do: 'inspect-data', kind: 'config', name: 'site', through: 'n2' },
    {
      ...{ do: 'create', service: 'vault', image: 'v1', replicas: 1 },
      constraints: ['node.hostname==n3'],
      secrets: [
        { name: 'password', target: 'database-password', mode: 0o400 },
        { name: 'licence' },
      ],
      configs: [{ name: 'site', target: '/etc/site.conf' }],
    },
    { do: 'wait', until: 'running', service: 'vault', withinS: START_S },
    {
      ...{ do: 'look-inside', service: 'vault' },
      paths: [
        '/run/secrets/database-password',
        '/run/secrets/password',
        '/run/secrets/licence',
        '/etc/site.conf',
      ],
    },
    { do: 'find-data', node: 'n3', name: 'password' },
    { do: 'remove-data', kind: 'secret', name: 'password', label: 'remove a secret in use' },
    { do: 'remove-data', kind: 'config', name: 'site', label: 'remove a config in use' },
    { do: 'remove', service: 'vault' },
    { do: 'wait', until: 'removed', service: 'vault', withinS: START_S },
    { do: 'hold', seconds: 3, why: 'the container is gone from its node' },
    { do: 'find-data', node: 'n3', name: 'password' },
    { do: 'remove-data', kind: 'secret', name: 'password', label: 'remove a secret' },
    { do: 'remove-data', kind: 'secret', name: 'licence' },
    { do: 'remove-data', kind: 'config', name: 'site', label: 'remove a config' },
    { do: 'list-data', kind: 'secret', label: 'list secrets that are gone' },
  ],
};
