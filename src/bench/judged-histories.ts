/** Long histories, made without playing anything, and what judging them costs. */
import { CLAIM_IDS, nodeNames, type ClaimId, type Scenario } from '../model/scenario.ts';
import { DEFAULT_SETTINGS } from '../model/bounds.ts';
import { HISTORY_SCHEMA, type HistoryRecord, type TaskSeen } from '../model/history.ts';
import { createRandom } from '../model/random.ts';
import { judgeScenario } from '../checker/judge-scenario.ts';

export type HistoryKind = 'records' | 'clients';

export interface Judged {
  /** Of reading the lines and judging them, by the processor's clock. */
  readonly cpuSeconds: number;
  /** The most that the process held. */
  readonly residentMib: number;
  readonly records: number;
  readonly operations: number;
  /** What could not be judged, and must not be: '' when all is as it was made. */
  readonly wrong: string;
}

type Draft = HistoryRecord extends infer Each
  ? Each extends HistoryRecord
    ? Omit<Each, 'n'>
    : never
  : never;

/** A history as a file has it: lines. */
class Lines {
  readonly all: string[] = [];

  add(draft: Draft): number {
    this.all.push(JSON.stringify({ n: this.all.length + 1, ...draft }));
    return this.all.length;
  }
}

export function judgeHistory(kind: HistoryKind): Judged {
  const lines = kind === 'records' ? manyRecords() : manyOperations();
  const before = process.cpuUsage();
  const records = lines.map((line) => JSON.parse(line) as HistoryRecord);
  const header = records[0];
  if (header?.type !== 'header') throw new Error('a history without a header');
  const verdict = judgeScenario(header.scenario, [{ subject: 'twin', records }]);
  const { user, system } = process.cpuUsage(before);
  const failed = verdict.claims.filter(({ id, verdict: said }) =>
    kind === 'clients' ? said !== 'holds' : id.startsWith('L') && said !== 'inconclusive',
  );
  return {
    cpuSeconds: (user + system) / 1e6,
    residentMib: process.resourceUsage().maxRSS / 1024,
    records: records.length,
    operations: records.filter(({ type }) => type === 'invoke').length,
    wrong: [...failed.map(({ reason }) => reason), ...verdict.steps.map(({ text }) => text)].join(),
  };
}

function begin(lines: Lines, claims: readonly ClaimId[]): void {
  const shape = { managers: 3, workers: 2 };
  const scenario: Scenario = {
    ...{ name: 'bench', suite: 'quorum-loss', title: '', seed: '', expectedS: 1, shape },
    ...{ claims, steps: [] },
  };
  const nodes = nodeNames(shape).map((name, at) => ({
    ...{ name, address: name, role: at < 3 ? ('manager' as const) : ('worker' as const) },
  }));
  lines.add({
    ...{ type: 'header', atMs: 0, schema: HISTORY_SCHEMA, scenario, subject: 'twin', nodes },
    ...{ engine: '26.1.5', host: {}, seed: '', settings: DEFAULT_SETTINGS, startedAt: 0 },
  });
  lines.add({ type: 'observe', atMs: 0, what: 'eye', by: 'n1' });
  for (const { name, role } of nodes)
    lines.add({
      ...{ type: 'observe', atMs: 0, what: 'node', by: 'n1', id: name, name, role, message: '' },
      ...{ state: 'ready', availability: 'active', leader: name === 'n1' },
      reachability: role === 'manager' ? 'reachable' : '',
    });
}

const SERVICES = 20;
const SLOTS = 100;
const RECORDS = 100_000;
const WALK = ['pending', 'assigned', 'preparing', 'starting', 'running', 'running'] as const;

/** Slots of twenty services whose tasks are seen by three managers and replaced again and again, while a worker is killed and returns. */
function manyRecords(): readonly string[] {
  const lines = new Lines();
  begin(lines, CLAIM_IDS);
  const fault = { kind: 'kill', node: 'n5' } as const;
  const proof = { looked: '', before: '', after: '' };
  for (let round = 0, atMs = 0; lines.all.length < RECORDS - 1; round += 1) {
    const name = 'lost';
    if (round === 2) {
      lines.add({ type: 'fault', atMs, phase: 'begin', name, fault });
      lines.add({ type: 'fault', atMs: atMs + 300, phase: 'bitten', name, fault, proof });
    }
    if (round === 4) lines.add({ type: 'fault', atMs, phase: 'heal-begin', name, fault });
    if (round === 4) lines.add({ type: 'fault', atMs, phase: 'healed', name, fault, proof });
    for (let place = 0; place < SERVICES * SLOTS && lines.all.length < RECORDS - 1; place += 1) {
      atMs += 5;
      walk(lines, place, round, atMs);
    }
  }
  lines.add({ type: 'end', atMs: 1e7, outcome: 'complete', text: '' });
  return lines.all;
}

function walk(lines: Lines, place: number, round: number, createdMs: number): void {
  const service = `s${place % SERVICES}`;
  for (const [at, state] of WALK.entries())
    for (const by of ['n1', 'n2', 'n3']) {
      if (lines.all.length >= RECORDS - 1) return;
      const isOver = at === WALK.length - 1;
      const early = at < 3;
      const seen: TaskSeen = {
        ...{ what: 'task', by, id: `${place}-${round}`, service, message: '', err: '' },
        slot: 1 + Math.floor(place / SERVICES),
        ...{
          desired: isOver ? 'shutdown' : 'running',
          state,
          createdMs,
          changedMs: createdMs + at,
        },
        ...{ node: at === 0 ? '' : `n${1 + (place % 5)}`, container: early ? '' : `c${place}` },
        ...{ image: 'swarmtwin/workload:v1', env: [] },
      };
      lines.add({ type: 'observe', atMs: createdMs + 300 * at, ...seen });
    }
}

const CLIENTS = 5;
const OPERATIONS = 1000;

interface Call {
  readonly beginMs: number;
  readonly endMs: number;
  readonly asks: Extract<HistoryRecord, { type: 'invoke' }>['client'];
  readonly isRead: boolean;
  readonly value: unknown;
}

/** A thousand operations of five clients on four labels, each at its own moment between a call and an answer that others overlap; one write in fifty has no answer. */
function manyOperations(): readonly string[] {
  const random = createRandom('judging');
  const labels = Array.from({ length: 4 }, () => ({ value: '0', version: 1 }));
  const free = Array.from({ length: CLIENTS }, () => 0);
  const calls = Array.from({ length: OPERATIONS }, (_, at): Call => {
    const client = at % CLIENTS;
    const label = labels[random.below(labels.length)] as (typeof labels)[number];
    const register = `r${labels.indexOf(label)}`;
    const atMs = 100 * (at + 10);
    const beginMs = Math.max(free[client] ?? 0, atMs - random.between(1, 400));
    const endMs = atMs + random.between(1, 400);
    free[client] = endMs + 1;
    if (random.next() < 0.5) {
      const { value, version } = label;
      const asks = { client, register, of: 'label' } as const;
      return { beginMs, endMs, asks, isRead: true, value: { version, value } };
    }
    const asks = {
      client,
      register,
      of: 'label',
      version: label.version,
      value: `v${at}`,
    } as const;
    [label.value, label.version] = [asks.value, label.version + 1 + random.below(3)];
    const isOpen = random.next() < 0.02;
    return { beginMs, endMs: isOpen ? Infinity : endMs, asks, isRead: false, value: null };
  });
  const lines = new Lines();
  begin(lines, ['L1', 'L2']);
  const events = calls.flatMap((call, op) => [
    { atMs: call.beginMs, op, call, isEnd: false },
    ...(call.endMs === Infinity ? [] : [{ atMs: call.endMs, op, call, isEnd: true }]),
  ]);
  for (const { atMs, op, call, isEnd } of events.sort((a, b) => a.atMs - b.atMs)) {
    const { asks, isRead, value } = call;
    const path = `/services/${asks?.register ?? ''}`;
    if (isEnd)
      lines.add({ type: 'complete', atMs, op, outcome: 'ok', status: 200, text: '', value });
    else
      lines.add({
        ...{ type: 'invoke', atMs, op, step: 0, label: 'client', node: 'n1', path },
        ...{ method: isRead ? 'GET' : 'POST', write: !isRead },
        ...(asks === undefined ? {} : { client: asks }),
      });
  }
  lines.add({ type: 'end', atMs: 1e6, outcome: 'complete', text: '' });
  return lines.all;
}
