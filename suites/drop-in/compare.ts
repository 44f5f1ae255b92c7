/** Answers of two swarms to the same script, side by side. */
import type { Answer, Call } from './call.ts';
import { normalise } from './normalise.ts';
import type { Played } from './play-script.ts';

export interface Compared {
  readonly part: string;
  readonly title: string;
  readonly call: string;
  readonly verdict: 'same' | 'different' | 'explained' | 'healed';
  /** Why a difference is known; '' where there is none. */
  readonly reason: string;
  readonly swarm: Answer;
  readonly twin: Answer;
}

/** `healed`: a difference was explained that is not there. */
export function compareAnswers(
  part: string,
  swarm: readonly Played[],
  twin: readonly Played[],
): readonly Compared[] {
  return swarm.flatMap(({ call, answer }, index): Compared[] => {
    const other = twin[index];
    if (other?.call !== call) throw new Error(`the script was not played to both: ${call.title}`);
    if (call.prepares === true) return [];
    const [left, right] = [normalise(answer), normalise(other.answer)];
    const same = JSON.stringify(left) === JSON.stringify(right);
    const known = call.differs !== undefined;
    return [
      {
        part,
        title: call.title,
        call: wordsOf(call),
        verdict: same ? (known ? 'healed' : 'same') : known ? 'explained' : 'different',
        reason: call.differs ?? '',
        swarm: left,
        twin: right,
      },
    ];
  });
}

const wordsOf = ({ do: done }: Call): string =>
  'cli' in done ? done.cli : `${done.method} ${done.path}`;

/** The lines in which two answers differ, `-` real Swarm's and `+` the twin's. */
export function differenceText({ swarm, twin }: Compared): string {
  const text = (answer: Answer): readonly string[] => [
    `(${answer.code})`,
    ...answer.out.split('\n'),
    ...(answer.err === '' ? [] : answer.err.split('\n').map((line) => `stderr: ${line}`)),
  ];
  const [left, right] = [text(swarm), text(twin)];
  const minus = left.filter((line) => !right.includes(line)).map((line) => `- ${line}`);
  const plus = right.filter((line) => !left.includes(line)).map((line) => `+ ${line}`);
  return [...minus, ...plus].join('\n') || 'the same lines in another order';
}
