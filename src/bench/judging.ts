/** `judge`: what the judge's own work costs, by the processor's clock, in a process of its own: whoever shares the machine does not count. */
import { SwarmtwinError } from '../model/errors.ts';
import type { Bookkeeper } from './bookkeeper.ts';
import type { HistoryKind, Judged } from './judged-histories.ts';
import { readInProcess } from './reading-process.ts';
import type { OwnMetric } from './readings.ts';

const RECORDS: OwnMetric = { name: 'judge.100k-records', unit: 's', aim: 2 };
const RESIDENT: OwnMetric = { name: 'judge.100k-records.resident', unit: 'MiB', aim: 300 };
const CLIENTS: OwnMetric = { name: 'judge.1k-operations-5-clients', unit: 's', aim: 5 };

export const JUDGING: readonly OwnMetric[] = [RECORDS, RESIDENT, CLIENTS];

export async function measureJudging(books: Bookkeeper): Promise<void> {
  for (let sample = 0; sample < books.samples; sample += 1) {
    const records = await read(books, 'records');
    books.add(RECORDS, records.cpuSeconds);
    books.add(RESIDENT, records.residentMib);
    books.add(CLIENTS, (await read(books, 'clients')).cpuSeconds);
  }
}

async function read(books: Bookkeeper, kind: HistoryKind): Promise<Judged> {
  const judged = await readInProcess({ what: 'judge', kind });
  if (judged.wrong !== '')
    throw new SwarmtwinError(
      'internal',
      `the history of ${kind} was judged wrongly: ${judged.wrong}`,
      'This is a fault of the judge or of src/bench/judged-histories.ts.',
    );
  books.progress(
    `${kind}: ${judged.records} records and ${judged.operations} operations judged in ${judged.cpuSeconds.toFixed(2)} s of a core, ${judged.residentMib.toFixed(0)} MiB`,
  );
  return judged;
}
