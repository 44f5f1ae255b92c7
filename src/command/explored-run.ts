/** A run of the explorer by its seed, or as the file that an exploration or the shrinker has written. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { messageOf, SwarmtwinError } from '../model/errors.ts';
import { ANY_SHAPE, drawPlan } from '../simulator/explore/draw.ts';
import { PLAN_FORMAT, type Plan } from '../simulator/explore/plan.ts';
import { parseShape } from '../simulator/explore/shape.ts';
import type { Violation } from '../simulator/invariants/watch.ts';
import { codeVersion } from './code-version.ts';
import { REPORTS } from './project.ts';
import { progress } from './say.ts';

/** Where runs that failed are kept. */
export const EXPLORED = join(REPORTS, 'explore');

/** What a file holds. */
export interface ExploredRun {
  readonly plan: Plan;
  /** Why it was kept; null for one that nothing was wrong with. */
  readonly violation: Violation | null;
}

const SEED = /^([\w.-]{1,100})(?:@([0-9a-f]+))?$/;

/** Seeds are names of files too. @throws SwarmtwinError `bad-usage` */
export function checkSeed(seed: string): string {
  if (SEED.test(seed) && !seed.includes('@')) return seed;
  throw new SwarmtwinError(
    'bad-usage',
    `${seed} is no seed`,
    'A seed has letters, digits, dots, dashes and underscores, 100 at most.',
  );
}

/**
 * The plan of a seed (`t-102`, or `t-102@3f2a9c1b07` with the version of the code that it was found with) or of a file. Says so where the
 * code is another one now. @throws SwarmtwinError `bad-usage`, `bad-history`
 */
export function exploredRun(name: string, shape: string | undefined): ExploredRun {
  const code = codeVersion();
  const found = name.endsWith('.json') ? fromFile(name) : fromSeed(name, shape, code);
  const made = found.plan.code;
  if (made !== '' && made !== code)
    progress(
      `${name} is of code version ${made}, this is ${code}: the run may be another one, and what was wrong may be mended`,
    );
  return found;
}

function fromSeed(name: string, shape: string | undefined, code: string): ExploredRun {
  const [, seed, made = code] = SEED.exec(name) ?? [];
  if (seed === undefined)
    throw new SwarmtwinError(
      'bad-usage',
      `${name} is neither a seed nor a file`,
      'Name a seed that an exploration printed, such as 9f3a2b11-17, or a file of reports/explore.',
    );
  const limits = shape === undefined ? ANY_SHAPE : parseShape(shape);
  return { plan: drawPlan(seed, limits, made), violation: null };
}

function fromFile(path: string): ExploredRun {
  if (!existsSync(path))
    throw new SwarmtwinError(
      'bad-usage',
      `there is no file ${path}`,
      'Name a file of reports/explore.',
    );
  const content = contentOf(path);
  const { plan } = content;
  if (plan?.format === PLAN_FORMAT && Array.isArray(plan.managers) && Array.isArray(plan.faults))
    return { plan, violation: content.violation ?? null };
  const what =
    typeof plan?.format === 'number'
      ? `a plan of format ${String(plan.format)}, this version reads ${PLAN_FORMAT}`
      : 'no run of the explorer';
  throw new SwarmtwinError('bad-history', `${path} is ${what}`, 'Explore again with this version.');
}

function contentOf(path: string): Partial<ExploredRun> {
  try {
    const content: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return typeof content === 'object' && content !== null ? content : {};
  } catch (caught) {
    throw new SwarmtwinError(
      'bad-history',
      `${path} cannot be read: ${messageOf(caught)}`,
      'Name a file that an exploration has written.',
    );
  }
}

/** Writes whole files only: one that is there can be read. Gives the path. */
export function keep(name: string, text: string): string {
  const path = join(EXPLORED, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.${process.pid}`, text);
  renameSync(`${path}.${process.pid}`, path);
  return path;
}

export const asJson = (run: ExploredRun): string => `${JSON.stringify(run, null, 2)}\n`;
