import pc from 'picocolors';
import type { HistoryRecord, Subject } from '../model/history.ts';
import type { Scenario } from '../model/scenario.ts';
import { notPlayedOn, type ScenarioVerdict } from '../model/verdict.ts';
import type { EngineLine } from '../model/engines.ts';

const REDRAW_MS = 500;

/** What is played: a scenario, and where they are more than one which play of it on which engine. */
interface Shown {
  readonly scenario: Scenario;
  readonly play: number;
  readonly line?: EngineLine;
}

/** How far a play is. */
export interface Row {
  readonly name: string;
  readonly scenario: Scenario;
  readonly begun: number;
  readonly steps: Map<Subject, string>;
  verdict: ScenarioVerdict | null;
}

const nameOf = ({ scenario, play, line }: Shown): string =>
  [
    `${scenario.suite}/${scenario.name}`,
    ...(line === undefined ? [] : [`on ${line}`]),
    ...(play === 1 ? [] : [`play ${play}`]),
  ].join(' ');

/** Shows how far every scenario is: a table that redraws itself on a terminal, plain lines elsewhere. */
export class LiveView {
  readonly #rows: Row[] = [];
  readonly #stream: NodeJS.WriteStream;
  readonly #begun = Date.now();
  readonly #total: number;
  #drawn = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(total: number, stream: NodeJS.WriteStream = process.stderr) {
    this.#total = total;
    this.#stream = stream;
    if (stream.isTTY) {
      this.#timer = setInterval(() => {
        this.#draw();
      }, REDRAW_MS);
    }
  }

  begin(shown: Shown): Row {
    const { scenario } = shown;
    const row = {
      ...{ name: nameOf(shown), scenario, begun: Date.now() },
      ...{ steps: new Map<Subject, string>(), verdict: null },
    };
    this.#rows.push(row);
    this.#line(`${row.name}: ${scenario.title}`);
    return row;
  }

  record(row: Row, subject: Subject, record: HistoryRecord): void {
    const { name, scenario } = row;
    if (record.type === 'step') {
      row.steps.set(subject, `${record.step + 1}/${scenario.steps.length} ${record.title}`);
      this.#line(`${name} ${subject} ${seconds(record.atMs)}: ${record.title}`);
    } else if (record.type === 'step-end' && record.outcome !== 'done') {
      this.#line(`${name} ${subject} ${seconds(record.atMs)}: ${record.outcome}: ${record.text}`);
    }
  }

  end(row: Row, verdict: ScenarioVerdict): void {
    row.verdict = verdict;
    this.#line(`${row.name} ended after ${verdict.seconds} s: ${summaryOf(verdict)}`);
  }

  close(): void {
    if (this.#timer !== null) {
      clearInterval(this.#timer);
      this.#draw();
    }
    this.#timer = null;
  }

  #line(text: string): void {
    if (this.#timer === null)
      this.#stream.write(`[${seconds(Date.now() - this.#begun)}] ${text}\n`);
  }

  #draw(): void {
    const rows = this.#rows.flatMap((row) => this.#render(row));
    // What is played once more was not counted before.
    const waiting = Math.max(0, this.#total - this.#rows.length);
    const lines = [
      pc.bold(
        `${seconds(Date.now() - this.#begun)}  ${this.#rows.length} begun, ${waiting} waiting`,
      ),
      ...rows,
    ];
    const width = Math.max(40, this.#stream.columns);
    const up = this.#drawn === 0 ? '' : `\u001b[${this.#drawn}A`;
    this.#stream.write(`${up}\u001b[0J${lines.map((line) => clip(line, width)).join('\n')}\n`);
    this.#drawn = lines.length;
  }

  #render(row: Row): string[] {
    const name = row.name.padEnd(42);
    if (row.verdict !== null) return [`${name} ${summaryOf(row.verdict)}`];
    const elapsed = seconds(Date.now() - row.begun).padStart(6);
    const sides = [...row.steps].map(
      ([subject, step]) => `${' '.repeat(43)}${subject.padEnd(6)} ${step}`,
    );
    return [`${name} ${elapsed}`, ...sides];
  }
}

/** `12 hold, 1 fails · same`, coloured. */
export function summaryOf(verdict: ScenarioVerdict): string {
  const count = (wanted: string): number =>
    verdict.claims.filter((claim) => claim.verdict === wanted).length;
  const parts = [
    pc.green(`${count('holds')} hold`),
    ...(count('fails') > 0 ? [pc.red(`${count('fails')} fail`)] : []),
    ...(count('known') > 0 ? [`${count('known')} known to differ`] : []),
    ...(count('inconclusive') > 0 ? [pc.yellow(`${count('inconclusive')} inconclusive`)] : []),
  ];
  const colour =
    { same: pc.green, different: pc.red, 'not-compared': pc.dim }[verdict.sameness as string] ??
    pc.yellow;
  const out = notPlayedOn(verdict).map(([subject]) => ` · not played on ${subject}`);
  return `${parts.join(', ')} · ${colour(verdict.sameness.replace('-', ' '))}${out.join('')}`;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

// Escape sequences take no room on the screen; a clipped line ends them.
function clip(line: string, width: number): string {
  let shown = 0;
  let at = 0;
  while (at < line.length && shown < width - 1) {
    const escape = /^\u001b\[[0-9;]*m/.exec(line.slice(at))?.[0];
    if (escape === undefined) shown += 1;
    at += escape?.length ?? 1;
  }
  return at < line.length ? `${line.slice(0, at)}\u001b[0m` : line;
}
