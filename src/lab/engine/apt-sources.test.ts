import { describe, expect, test } from '@jest/globals';
import { mirrorOf, parseDeb822, parseOneLine } from './apt-sources.ts';

const DEB822 = `# written by the installer
Types: deb deb-src
URIs: http://mirror.test/debian
# an older one
Suites: bookworm bookworm-updates
Components: main
  contrib

Types: deb
URIs: http://mirror.test/debian-security
Suites: bookworm-security
Components: main
Enabled: no

Types: deb-src
URIs: http://mirror.test/src
Suites: bookworm
Components: main
`;

describe('the deb822 form', () => {
  test('gives one source per address and suite', () => {
    expect(parseDeb822(DEB822)).toEqual([
      {
        uri: 'http://mirror.test/debian',
        suite: 'bookworm',
        components: ['main', 'contrib'],
      },
      {
        uri: 'http://mirror.test/debian',
        suite: 'bookworm-updates',
        components: ['main', 'contrib'],
      },
    ]);
  });

  test('leaves out what is switched off and what is only source code', () => {
    const suites = parseDeb822(DEB822).map((source) => source.suite);
    expect(suites).not.toContain('bookworm-security');
    expect(parseDeb822(DEB822).map((source) => source.uri)).not.toContain('http://mirror.test/src');
  });
});

describe('the one-line form', () => {
  test('is read past options and comments', () => {
    const text = [
      '# deb http://old.test/debian trixie main',
      'deb [arch=amd64 signed-by=/x.gpg] http://mirror.test/debian trixie main contrib # here',
      'deb-src http://mirror.test/debian trixie main',
      '',
    ].join('\n');
    expect(parseOneLine(text)).toEqual([
      { uri: 'http://mirror.test/debian', suite: 'trixie', components: ['main', 'contrib'] },
    ]);
  });
});

describe('the mirror', () => {
  const source = (uri: string, suite: string, component = 'main') => ({
    uri,
    suite,
    components: [component],
  });

  test('is the main archive of the suite and not its security or update archive', () => {
    const sources = [
      source('http://mirror.test/security', 'trixie-security'),
      source('http://mirror.test/debian', 'trixie'),
    ];
    expect(mirrorOf(sources, 'trixie')).toBe('http://mirror.test/debian');
  });

  test('is never a CD, a mirror list or a third party without main', () => {
    const sources = [
      source('cdrom:[Debian]/', 'trixie'),
      source('mirror+file:/etc/apt/mirrors', 'trixie'),
      source('https://third.test/', 'trixie', 'stable'),
    ];
    expect(mirrorOf(sources, 'trixie')).toBeUndefined();
  });
});
