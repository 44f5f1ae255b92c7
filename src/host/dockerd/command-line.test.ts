import { describe, expect, test } from '@jest/globals';
import { readCommandLine } from './command-line.ts';

const hostsOf = (...words: readonly string[]): readonly string[] =>
  readCommandLine(words).values.get('host') ?? [];

describe('a command line of dockerd', () => {
  test('may write a flag in all of pflag’s forms', () => {
    expect(hostsOf('-H', 'a', '-Hb', '-H=c', '--host', 'd', '--host=e')).toEqual([
      'a',
      'b',
      'c',
      'd',
      'e',
    ]);
  });

  test('gives the engine what the twin does not do itself, as it was written', () => {
    const { onward } = readCommandLine([
      '--storage-driver',
      'vfs',
      '--pidfile=/p',
      '-D',
      '--unheard-of',
      '--group',
      'g',
      '--data-root',
      '/d',
      '--tlsverify',
    ]);
    expect(onward).toEqual(['--storage-driver', 'vfs', '-D', '--unheard-of', '--data-root=/d']);
  });

  test('says where to keep things, to the twin and to the engine', () => {
    const { values, onward } = readCommandLine([
      '--data-root',
      '/d',
      '--exec-root=/e',
      '-l',
      'warn',
    ]);
    expect([...values.values()].flat()).toEqual(['/d', '/e', 'warn']);
    expect(onward).toEqual(['--data-root=/d', '--exec-root=/e', '--log-level=warn']);
  });

  test('switches on and off', () => {
    const { switches } = readCommandLine(['--tls', '--tlsverify=false', '--debug=true']);
    expect(Object.fromEntries(switches)).toEqual({ tls: true, tlsverify: false, debug: true });
  });

  test.each(['--help', '-h', '--version', '-v', '--validate'])('only asks with %s', (word) => {
    expect(readCommandLine(['-D', word]).isQuestion).toBe(true);
  });

  test('without the value of a flag is left to dockerd', () => {
    expect(readCommandLine(['--host']).onward).toEqual(['--host']);
  });
});
