/** A scenario that was played more than once: on what its plays do not agree, and where each history is. */
import type { ClaimSays, ClaimVerdict, Sameness, ScenarioVerdict, Try } from '../model/verdict.ts';
import { escape } from './escape.ts';

/** Something that came out in more than one way. */
interface Split {
  readonly what: string;
  readonly verdict: ClaimVerdict['verdict'] | ScenarioVerdict['sameness'];
  readonly tries: readonly Try<ClaimSays | Sameness>[];
  /** Whose histories show it; all of them for a comparison. */
  readonly subject?: ClaimVerdict['subject'];
}

const splitsOf = ({ claims, comparison }: ScenarioVerdict): readonly Split[] => [
  ...claims.flatMap(({ id, subject, verdict, tries = [] }) =>
    tries.length === 0 ? [] : [{ what: `${id} on ${subject}`, verdict, tries, subject }],
  ),
  ...(comparison.tries === undefined
    ? []
    : [{ what: 'comparison', verdict: comparison.sameness, tries: comparison.tries }]),
];

/** One line for each thing that is unstable, with the histories of each play, and one for all that not every play could judge. */
export function playLines(verdict: ScenarioVerdict): readonly string[] {
  const splits = splitsOf(verdict);
  const unstable = splits.filter((split) => split.verdict === 'unstable');
  const open = splits.length - unstable.length;
  return [
    ...unstable.map((split) => {
      const tries = split.tries.map(
        ({ play, verdict: said }) =>
          `play ${play} ${said} (${pathsOf(verdict, split, play).join(', ')})`,
      );
      return `${split.what} ${settledText(split)}: ${tries.join('; ')}`;
    }),
    ...(open === 0
      ? []
      : [
          `played ${verdict.plays?.length ?? 1} times, since not every play could judge all: ${open}`,
        ]),
  ];
}

const settledText = ({ verdict }: Split): string =>
  verdict === 'unstable' ? 'is unstable' : `is ${verdict}: not every play could judge it`;

const pathsOf = ({ plays = [] }: ScenarioVerdict, { subject }: Split, play: number): string[] =>
  (plays.find((each) => each.play === play)?.histories ?? [])
    .filter((history) => subject === undefined || history.subject === subject)
    .map(({ path }) => path);

/** The part of a scenario's section; '' where it was played once. */
export function playsSection(verdict: ScenarioVerdict): string {
  const { plays = [] } = verdict;
  if (plays.length === 0) return '';
  const rows = plays.map(
    ({ play, sameness, histories }) =>
      `<tr><td>${play}</td><td class="${sameness}">${sameness}</td><td>${histories.map(({ subject, path }) => link(path, subject)).join(', ')}</td></tr>`,
  );
  const splits = splitsOf(verdict).map((split) => {
    const tries = split.tries.map(({ play, verdict: said, reason }) => {
      const links = pathsOf(verdict, split, play).map((path) => link(path, 'history'));
      return `<li>play ${play}: <span class="${said}">${said}</span>, ${escape(reason)} (${links.join(', ')})</li>`;
    });
    return `<p><span class="${split.verdict}">${escape(`${split.what} ${settledText(split)}`)}</span></p><ul>${tries.join('')}</ul>`;
  });
  return `<h3>Plays</h3>${splits.join('')}<div class="scroll"><table><thead><tr><th scope="col">play</th><th scope="col">compared</th><th scope="col">histories</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

const link = (path: string, text: string): string =>
  `<a href="${escape(path)}">${escape(text)}</a>`;
