/** Every command explains itself: what it takes, and what its exit codes mean. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { NODE_BINARY, PROJECT_ROOT } from './project.ts';
import { sayError } from './say.ts';

const source = (path: string): string => readFileSync(join(PROJECT_ROOT, path), 'utf8');
const COMMANDS = [...source('src/main.ts').matchAll(/^ {2}(\w+): async \(\) =>/gm)].map(
  ([, name = '']) => name,
);

interface Said {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** As it is typed; a process each, so seldom. */
const swarmtwin = (...args: readonly string[]): Said =>
  spawnSync(NODE_BINARY, ['--disable-warning=ExperimentalWarning', 'src/main.ts', ...args], {
    ...{ cwd: PROJECT_ROOT, encoding: 'utf8', timeout: 60_000 },
  });

/** The same in this process. */
async function called(command: string, ...args: readonly string[]): Promise<Said> {
  const said = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    jest.spyOn(process[name], 'write').mockImplementation((text) => {
      said[name] += String(text);
      return true;
    }),
  );
  try {
    const module = (await import(`./${command}.ts`)) as Record<string, Command>;
    const status = (await module[command]?.(args).catch(sayError)) ?? null;
    return { status, ...said };
  } catch (caught) {
    return { status: sayError(caught), ...said };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

type Command = (args: readonly string[]) => Promise<number>;

/** Those that the command gives to parseArgs; one that is on unless it is denied is written as `--no-…`. */
function optionsOf(command: string): readonly string[] {
  const path = command === 'mutants' ? 'suites/mutants/main.ts' : `src/command/${command}.ts`;
  const found = source(path).matchAll(/^ +'?([a-z-]+)'?: \{ type: '(?:string|boolean)'(.*)\}/gm);
  return [...found].map(([, name = '', rest = '']) =>
    rest.includes('default: true') ? `--no-${name}` : `--${name}`,
  );
}

describe.each(COMMANDS)('swarmtwin %s --help', (command) => {
  let said: Said = { status: null, stdout: '', stderr: '' };
  beforeAll(async () => {
    said = command === 'mutants' ? swarmtwin(command, '--help') : await called(command, '--help');
  });

  test('is no error, and begins with what to type', () => {
    const { status, stdout, stderr } = said;
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(new RegExp(`^swarmtwin ${command}\\b`));
  });

  test('says what each exit code means', () => {
    expect(said.stdout).toMatch(/exit codes?/i);
  });

  test('names every option that there is', () => {
    const missing = optionsOf(command).filter(
      (option) => option !== '--help' && !said.stdout.includes(option),
    );
    expect(missing).toEqual([]);
  });
});

describe('swarmtwin', () => {
  test('names every command, and every command of lab', async () => {
    const { status, stdout } = swarmtwin('-h');
    expect(status).toBe(0);
    for (const command of COMMANDS) expect(stdout).toContain(`  swarmtwin ${command} `);
    const lab = (await called('lab', '--help')).stdout;
    const words = [...lab.matchAll(/^ {2}lab ([a-z|]+)/gm)].flatMap(([, word = '']) =>
      word.split('|'),
    );
    expect(words).toContain('unplug');
    const [line = ''] = /^ {2}swarmtwin lab .*$/m.exec(stdout) ?? [];
    expect(words.filter((word) => !line.includes(word))).toEqual([]);
  });

  test('says what it takes in other ways too, and which version it is', () => {
    expect(swarmtwin('help', 'judge').stdout).toMatch(/^swarmtwin judge FOLDER/);
    expect(swarmtwin('--version')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^\d+\./),
    });
  });

  test.each([
    ['judge', '--nonsense'],
    ['judge', '/nowhere'],
    ['judge', 'package.json'],
    ['check', 'nonsense'],
    ['record', '--from', '/nowhere'],
    ['run', 'nonsense', '--subject', 'sim'],
    ['run', 'suites', '--subject', 'sim'],
    ['run', '--reference', 'recorded'],
    ['run', '--repeat', '0'],
    ['predict', 'nothing.yaml'],
    ['replay', 'nothing.json'],
    ['lab', 'nonsense'],
    ['lab', 'up', '--managers', '0'],
    ['bench', 'nonsense'],
  ])('%s %s … ends with 3, says what to do, and never with a stack', async (command, ...args) => {
    const { status, stderr } = await called(command, ...args);
    expect(status).toBe(3);
    expect(stderr.split('\n').length).toBeGreaterThan(2);
    expect(stderr).not.toMatch(/^ +at /m);
  });

  test('is as plain about a mutant that there is not', () => {
    const { status, stderr } = swarmtwin('mutants', '--nonsense');
    expect(status).toBe(3);
    expect(stderr).not.toMatch(/^ +at /m);
  });
});
