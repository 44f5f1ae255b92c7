/** Two labs of three engines that are in no swarm yet, real Swarm's and the twin's, and the whole script played to both at the same time. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { labBasics, setUp } from '../../src/command/set-up.ts';
import { REPORTS } from '../../src/command/project.ts';
import { createLab } from '../../src/lab/create-lab.ts';
import type { Lab, Subject } from '../../src/lab/lab.ts';
import { DEFAULT_ENGINE } from '../../src/lab/images/catalogue.ts';
import { compareAnswers } from './compare.ts';
import type { Compared } from './compare.ts';
import { playScript } from './play-script.ts';
import type { Played } from './play-script.ts';
import { SCRIPT } from './script.ts';

const SUBJECTS = ['swarm', 'twin'] as const;
/** What the two answered, for people and for docs/conformance.md. */
export const ANSWERS = join(REPORTS, 'drop-in', 'answers.json');

/** Plays and compares; the answers are kept in reports/drop-in/answers.json. */
export async function playBoth(say: (line: string) => void): Promise<readonly Compared[]> {
  const basics = labBasics(await setUp([DEFAULT_ENGINE]), DEFAULT_ENGINE);
  const labs: Lab[] = [];
  const lab = async (subject: Subject): Promise<Lab> => {
    const name = `drop-in-${subject}-${process.pid}`;
    const made = await createLab({ ...basics, name, subject, managers: 2, workers: 1 });
    labs.push(made);
    return made;
  };
  try {
    const made = await Promise.allSettled(SUBJECTS.map(lab));
    const failed = made.find((each) => each.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    const [swarm, twin] = await Promise.all(
      SUBJECTS.map((subject) => playParts(subject, labs, say)),
    );
    const compared = SCRIPT.flatMap(({ name }) =>
      compareAnswers(name, swarm?.get(name) ?? [], twin?.get(name) ?? []),
    );
    mkdirSync(join(REPORTS, 'drop-in'), { recursive: true });
    writeFileSync(ANSWERS, `${JSON.stringify(compared, null, 2)}\n`);
    return compared;
  } finally {
    await Promise.all(labs.map((each) => each.down()));
  }
}

async function playParts(
  subject: Subject,
  labs: readonly Lab[],
  say: (line: string) => void,
): Promise<ReadonlyMap<string, readonly Played[]>> {
  const lab = labs.find((each) => each.subject === subject);
  if (lab === undefined) throw new Error(`there is no lab of ${subject}`);
  const folder = mkdtempSync(join(tmpdir(), `drop-in-${subject}-`));
  try {
    const all = await playScript(
      lab,
      SCRIPT.flatMap(({ calls }) => calls),
      folder,
      say,
    );
    const byCall = new Map(all.map((played) => [played.call, played] as const));
    return new Map(
      SCRIPT.map(({ name, calls }) => [name, calls.flatMap((call) => byCall.get(call) ?? [])]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
