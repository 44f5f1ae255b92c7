/** What the docker CLI and the Engine API are answered by the twin is what real Swarm answers, or the difference is named. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { DEFAULT_ENGINE } from '../../src/lab/images/catalogue.ts';
import type { Compared } from './compare.ts';
import { differenceText } from './compare.ts';
import { playBoth } from './play-both.ts';
import { STAGES } from './script.ts';

const SCRIPT = STAGES.flatMap(({ parts }) => parts);

const LONG_MS = 15 * 60_000;
let answers: ReadonlyMap<string, Compared>;

beforeAll(async () => {
  const compared = await playBoth(DEFAULT_ENGINE, STAGES, (line) => {
    process.stderr.write(`swarmtwin: drop-in ${line}\n`);
  });
  answers = new Map(compared.map((each) => [each.title, each]));
}, LONG_MS);

describe.each(SCRIPT.map(({ name, calls }) => [name, calls] as const))('%s', (_, calls) => {
  const compared = calls.filter(({ prepares }) => prepares !== true);
  test.each(compared.map(({ title }) => [title] as const))('%s', (title) => {
    const found = answers.get(title);
    expect(found).toBeDefined();
    if (found === undefined) return;
    const text = found.verdict === 'different' ? `\n${found.call}\n${differenceText(found)}` : '';
    expect(`${found.verdict}${text}`).toMatch(/^(same|explained)$/);
  });
});
