import { COVERAGE_KINDS, Coverage } from '../simulator/explore/coverage.ts';
import { coverageLines } from '../simulator/explore/coverage-table.ts';
import type { PlayedRun } from './explore-task.ts';
import { progress } from './say.ts';

const REDRAW_MS = 500;
const LINE_MS = 5000;
const DAY_MS = 86_400_000;

/** Counts what has been explored, and shows how far it is: one line that redraws itself on a terminal, a line every five seconds elsewhere. */
export class ExploreTally {
  readonly #runs: number;
  readonly #stream: NodeJS.WriteStream;
  readonly #begun = performance.now();
  readonly #coverage = new Coverage();
  readonly #rules = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;
  #played = 0;
  #events = 0;
  #virtualMs = 0;

  constructor(runs: number, stream: NodeJS.WriteStream = process.stderr) {
    this.#runs = runs;
    this.#stream = stream;
    this.#timer = setInterval(
      () => {
        this.#show();
      },
      stream.isTTY ? REDRAW_MS : LINE_MS,
    );
  }

  add({ events, virtualMs, coverage, violation }: PlayedRun): void {
    if (violation !== null && this.#stream.isTTY) this.#stream.write('\r\u001b[0K');
    this.#played += 1;
    this.#events += events;
    this.#virtualMs += virtualMs;
    this.#coverage.add(coverage);
    if (violation === null) return;
    this.#rules.set(violation.invariant, (this.#rules.get(violation.invariant) ?? 0) + 1);
  }

  get failures(): number {
    return [...this.#rules.values()].reduce((sum, times) => sum + times, 0);
  }

  close(): void {
    clearInterval(this.#timer);
    if (this.#stream.isTTY) this.#stream.write('\r\u001b[0K');
  }

  /** The coverage table, and how it ended. */
  lines(seed: string): readonly string[] {
    const seconds = this.#seconds();
    const rules = [...this.#rules].map(([rule, times]) => `${rule} ${times}`);
    return [
      ...coverageLines(this.#coverage),
      '',
      `${this.#played} runs of seed ${seed} in ${seconds.toFixed(1)} s: ${this.#rate()} runs/s, ${this.#events} events, ${(this.#virtualMs / DAY_MS).toFixed(2)} days of virtual time`,
      rules.length === 0
        ? 'no rule was broken'
        : `${this.failures} runs broke a rule: ${rules.join(', ')}`,
    ];
  }

  #show(): void {
    const of = this.#runs > 1_000_000 ? '' : ` of ${this.#runs}`;
    const kinds = COVERAGE_KINDS.reduce((sum, kind) => sum + this.#coverage.breadth(kind), 0);
    const text = `${this.#played}${of} runs, ${this.#rate()} runs/s, ${kinds} different things seen, ${this.failures} violation(s)`;
    if (this.#stream.isTTY) this.#stream.write(`\r\u001b[0K${text}`);
    else progress(text);
  }

  #seconds(): number {
    return (performance.now() - this.#begun) / 1000;
  }

  #rate(): string {
    return (this.#played / this.#seconds()).toFixed(1);
  }
}
