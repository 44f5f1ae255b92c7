import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { judgeClaims } from '../checker/judge.ts';
import { SwarmtwinError } from '../model/errors.ts';
import type { HistoryRecord } from '../model/history.ts';
import { ENGINE_LINES, type EngineLine } from '../model/engines.ts';
import { PROJECT_ROOT, REPORTS } from './project.ts';
import { headerOf } from './history-file.ts';
import { keepRecorded } from './recorded.ts';
import { readHistories, type StoredHistory } from './run-folder.ts';
import { scenariosNamed } from './run.ts';
import { print, progress } from './say.ts';

const RECORD_USAGE = `swarmtwin record [SUITE | SUITE/SCENARIO …] [--from reports/latest]

  Keeps what real Swarm did in a run as the reference that simulations are held against (fixtures/histories). Without a name: every
  scenario of that run, of every engine that it was played on. Only histories that are whole and on which every claim holds are kept.

  --from FOLDER    a run's folder; reports/latest unless given

  Exit codes: 0 all that was named was kept, 1 something was not, 3 there is no such run.

  Example: swarmtwin run slot-refill --subject swarm && swarmtwin record slot-refill
`;

/** `swarmtwin record`. 0 when all that was named was kept, 1 otherwise. Errors: `bad-history`, `bad-usage`. */
export function record(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      from: { type: 'string', default: join(REPORTS, 'latest') },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    print(RECORD_USAGE);
    return Promise.resolve(0);
  }
  const histories = readHistories(values.from);
  const wanted =
    positionals.length === 0
      ? [...histories.keys()]
      : scenariosNamed(positionals).map(({ suite, name }) => `${suite}/${name}`);
  const kept = wanted.flatMap((name) =>
    lastPlays(histories.get(name) ?? []).map((records) => keepIfGood(name, records)),
  );
  return Promise.resolve(kept.every(Boolean) ? 0 : 1);
}

/** What real Swarm of each engine did when it was played last: what was inconclusive has been played again. One that is empty where there is none. */
export function lastPlays(
  histories: readonly StoredHistory[],
): readonly (readonly HistoryRecord[])[] {
  const real = histories.filter(({ subject }) => subject === 'swarm');
  const byEngine = Map.groupBy(real, ({ line }) => line);
  const last = [...byEngine.values()].map((plays) => plays.at(-1)?.records ?? []);
  return last.length === 0 ? [[]] : last;
}

function keepIfGood(name: string, records: readonly HistoryRecord[]): boolean {
  const why = unfit(records);
  if (why !== '') {
    progress(`${name} is not kept: ${why}`);
    return false;
  }
  const header = headerOf(records, name);
  const path = keepRecorded(engineLine(header.engine), records);
  print(`${name}: real Swarm ${header.engine}, kept in ${relative(PROJECT_ROOT, path)}`);
  return true;
}

/** Why a history is no reference; '' when it is one. */
function unfit(records: readonly HistoryRecord[]): string {
  if (records.length === 0) return 'the run has no history of real Swarm for it';
  const end = records.at(-1);
  if (end?.type !== 'end' || end.outcome !== 'complete') return 'it was not played to its end';
  const open = judgeClaims(records).find(({ verdict }) => verdict !== 'holds');
  return open === undefined ? '' : `${open.id} ${open.verdict}: ${open.reason}`;
}

/** `26.1.5+dfsg1` belongs to the line 26.1. */
function engineLine(version: string): EngineLine {
  const line = ENGINE_LINES.find((engine) => version.startsWith(`${engine}.`));
  if (line !== undefined) return line;
  throw new SwarmtwinError(
    'bad-history',
    `engine ${version} is of no line that is known`,
    `Known lines: ${ENGINE_LINES.join(', ')}.`,
  );
}
