import { describe, expect, test } from '@jest/globals';
import { readCommandLine } from './command-line.ts';
import { settingsOf, type Settings } from './settings.ts';

const settings = (
  words: readonly string[],
  file: Readonly<Record<string, unknown>> = {},
): Settings => settingsOf(readCommandLine(words), file, '/etc/docker/daemon.json');

describe('a daemon', () => {
  test('that is told nothing is where docker looks for it', () => {
    expect(settings([])).toMatchObject({
      hosts: ['unix:///var/run/docker.sock'],
      dataRoot: '/var/lib/docker',
      execRoot: '/var/run/docker',
      pidFile: '/var/run/docker.pid',
      group: 'docker',
      isGroupGiven: false,
      logLevel: 'info',
      tls: null,
    });
  });

  test('does what its flags and its file say together', () => {
    const file = {
      hosts: ['unix:///a', 'tcp://:99'],
      'data-root': '/d',
      debug: true,
      labels: ['x'],
    };
    expect(
      settings(['--pidfile', '/p', '--swarm-default-advertise-addr=eth1'], file),
    ).toMatchObject({
      hosts: ['unix:///a', 'tcp://127.0.0.1:99'],
      dataRoot: '/d',
      pidFile: '/p',
      logLevel: 'debug',
      defaultAdvertiseAddr: 'eth1',
      engineConfig: { 'data-root': '/d', debug: true, labels: ['x'] },
    });
  });

  test('behaves like the engine behind, or like the line that it is told, which the engine does not hear of', () => {
    expect(settings([]).behaveLike).toBeNull();
    const line = readCommandLine(['--behave-like', '20.10', '--debug']);
    expect(line.onward).toEqual(['--debug']);
    expect(settingsOf(line, {}, '').behaveLike).toBe('20.10');
    expect(() => settings(['--behave-like=19.03'])).toThrow('there is no engine 19.03');
  });

  test('refuses what is said twice, in dockerd’s words', () => {
    expect(() => settings(['-H', 'unix:///y'], { hosts: ['unix:///x'], pidfile: '/p' })).toThrow(
      'unable to configure the Docker daemon with file /etc/docker/daemon.json: the following directives are specified both as a flag and in the configuration file: hosts: (from flag: [unix:///y], from file: [unix:///x])',
    );
  });

  test('verifies its clients once it has TLS, unless told not to', () => {
    expect(settings(['--tls']).tls?.isVerifying).toBe(true);
    expect(settings(['--tls', '--tlsverify=false']).tls?.isVerifying).toBe(false);
    expect(settings(['--tlsverify', '--tlskey', '/k']).tls).toMatchObject({
      key: '/k',
      isVerifying: true,
    });
  });
});
