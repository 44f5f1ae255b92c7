import { rmSync } from 'node:fs';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { drawPlan } from '../simulator/explore/draw.ts';
import { codeVersion } from './code-version.ts';
import { asJson, exploredRun, keep } from './explored-run.ts';

const OTHER = '0123456789';

function saying(work: () => void): string {
  const said: string[] = [];
  const write = jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said.push(String(text));
    return true;
  });
  try {
    work();
  } finally {
    write.mockRestore();
  }
  return said.join('');
}

describe('a seed', () => {
  test('of this version of the code gives its run, and nothing is said', () => {
    const said = saying(() => {
      const { plan } = exploredRun(`t-7@${codeVersion()}`, undefined);
      expect(plan).toEqual(drawPlan('t-7', undefined, codeVersion()));
    });
    expect(said).toBe('');
  });

  test('of another version of the code gives a run too, and says that it may be another one', () => {
    const said = saying(() => {
      expect(exploredRun(`t-7@${OTHER}`, undefined).plan.seed).toBe('t-7');
    });
    expect(said).toContain(`t-7@${OTHER} is of code version ${OTHER}, this is ${codeVersion()}`);
    expect(said).toContain('the run may be another one');
  });

  test('is neither a path nor a sentence', () => {
    expect(() => exploredRun('../t-7', undefined)).toThrow('neither a seed nor a file');
  });
});

describe('a file', () => {
  const paths: string[] = [];
  const kept = (text: string): string => {
    const path = keep(`explored-run-test-${process.pid}.json`, text);
    paths.push(path);
    return path;
  };
  afterEach(() => {
    for (const path of paths.splice(0)) rmSync(path, { force: true });
  });

  test('of another version of the code is read, and says so', () => {
    const path = kept(asJson({ plan: drawPlan('t-7', undefined, OTHER), violation: null }));
    const said = saying(() => {
      expect(exploredRun(path, undefined).plan).toEqual(drawPlan('t-7', undefined, OTHER));
    });
    expect(said).toContain(`is of code version ${OTHER}, this is ${codeVersion()}`);
  });

  test('of another format is refused with both formats', () => {
    const plan = { ...drawPlan('t-7'), format: 0 };
    const path = kept(JSON.stringify({ plan, violation: null }));
    expect(() => exploredRun(path, undefined)).toThrow('a plan of format 0, this version reads 1');
  });

  test('that is no run of the explorer is refused', () => {
    expect(() => exploredRun(kept('[1, 2'), undefined)).toThrow('cannot be read');
    expect(() => exploredRun(kept('{}'), undefined)).toThrow('no run of the explorer');
  });
});
