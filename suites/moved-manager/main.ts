/** `node suites/moved-manager/main.ts [ENGINE] [SUBJECT …]`: plays without Jest and prints what was seen. Exit code 1 when it was not what is claimed. */
import { labBasics, setUp } from '../../src/command/set-up.ts';
import { DEFAULT_ENGINE } from '../../src/lab/images/catalogue.ts';
import { CLAIMS } from './claims.ts';
import { playMove, SUBJECTS } from './play.ts';
import { ENGINE_LINES } from '../../src/model/engines.ts';

const args = process.argv.slice(2);
const engine = ENGINE_LINES.find((line) => args.includes(line)) ?? DEFAULT_ENGINE;
const named = SUBJECTS.filter((subject) => args.includes(subject));
const basics = labBasics(await setUp([engine]), engine);
const played = await Promise.all(
  (named.length === 0 ? SUBJECTS : named).map((subject) =>
    playMove(subject, basics, (line) => {
      process.stdout.write(`${line}\n`);
    }),
  ),
);
const others = CLAIMS.filter(({ title, seen }) =>
  played.some((each) => !seen.test(each.get(title) ?? '')),
);
for (const { title, seen } of others)
  process.stdout.write(`NOT AS CLAIMED: ${title}: ${String(seen)}\n`);
process.exitCode = others.length === 0 ? 0 : 1;
