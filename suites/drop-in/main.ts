/** `node suites/drop-in/main.ts`: plays the script and prints every difference; with `--write` docs/conformance.md is made from it. */
import { SwarmtwinError } from '../../src/model/errors.ts';
import { differenceText } from './compare.ts';
import { writeConformance } from './conformance.ts';
import { playBoth } from './play-both.ts';

try {
  const compared = await playBoth((line) => {
    process.stderr.write(`${line}\n`);
  });
  for (const each of compared)
    if (each.verdict !== 'same')
      process.stdout.write(
        `\n## ${each.part}: ${each.title} (${each.verdict}${each.reason && `: ${each.reason}`})\n   ${each.call}\n${differenceText(each)}\n`,
      );
  const bad = compared.filter(({ verdict }) => verdict === 'different' || verdict === 'healed');
  process.stdout.write(
    `\n${compared.length} calls, ${compared.filter(({ verdict }) => verdict === 'same').length} same, ${bad.length} to explain\n`,
  );
  if (process.argv.includes('--write')) writeConformance(compared);
  process.exitCode = bad.length === 0 ? 0 : 1;
} catch (caught) {
  if (!(caught instanceof SwarmtwinError)) throw caught;
  process.stderr.write(`${caught.message}\n`);
  process.exitCode = 3;
}
