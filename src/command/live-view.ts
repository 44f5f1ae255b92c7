import pc from 'picocolors';
import type { HistoryRecord, Subject } from '../model/history.ts';
import type { Scenario } from '../model/scenario.ts';
import type { ScenarioVerdict } from '../model/verdict.ts';

const REDRAW_MS = 500;

interface Row {
  readonly scenario: Scenario;
  readonly begun: number;
  readonly steps: Map<Subject, string>;
  verdict: ScenarioVerdict | null;
}

const key = (scenario: Scenario): string => `${scenario.suite}/${scenario.name}`;

/** Shows how far every scenario is: a table that redraws itself on a terminal, plain lines elsewhere. */
export class LiveView {
  readonly #rows = new Map<string, Row>();
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

  begin(scenario: Scenario): void {
    this.#rows.set(key(scenario), { scenario, begun: Date.now(), steps: new Map(), verdict: null });
    this.#line(`${key(scenario)}: ${scenario.title}`);
  }

  record(scenario: Scenario, subject: Subject, record: HistoryRecord): void {
    const row = this.#rows.get(key(scenario));
    if (row === undefined) return;
    if (record.type === 'step') {
      row.steps.set(subject, `${record.step + 1}/${scenario.steps.length} ${record.title}`);
      this.#line(`${key(scenario)} ${subject} ${seconds(record.atMs)}: ${record.title}`);
    } else if (record.type === 'step-end' && record.outcome !== 'done') {
      this.#line(
        `${key(scenario)} ${subject} ${seconds(record.atMs)}: ${record.outcome}: ${record.text}`,
      );
    }
  }

  end(scenario: Scenario, verdict: ScenarioVerdict): void {
    const row = this.#rows.get(key(scenario));
    if (row !== undefined) row.verdict = verdict;
    this.#line(`${key(scenario)} ended after ${verdict.seconds} s: ${summaryOf(verdict)}`);
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
    const rows = [...this.#rows.values()].flatMap((row) => this.#render(row));
    const waiting = this.#total - this.#rows.size;
    const lines = [
      pc.bold(
        `${seconds(Date.now() - this.#begun)}  ${this.#rows.size - waiting >= 0 ? this.#rows.size : 0} begun, ${waiting} waiting`,
      ),
      ...rows,
    ];
    const width = Math.max(40, this.#stream.columns);
    const up = this.#drawn === 0 ? '' : `\u001b[${this.#drawn}A`;
    this.#stream.write(`${up}\u001b[0J${lines.map((line) => clip(line, width)).join('\n')}\n`);
    this.#drawn = lines.length;
  }

  #render(row: Row): string[] {
    const name = key(row.scenario).padEnd(42);
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
    ...(count('inconclusive') > 0 ? [pc.yellow(`${count('inconclusive')} inconclusive`)] : []),
  ];
  const colour =
    verdict.sameness === 'same' ? pc.green : verdict.sameness === 'different' ? pc.red : pc.yellow;
  return `${parts.join(', ')} · ${colour(verdict.sameness)}`;
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
