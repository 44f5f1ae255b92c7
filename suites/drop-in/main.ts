/**
 * `node suites/drop-in/main.ts`: plays the script and prints every difference. `--engine 28.5` takes other engines, `--stage images` plays that alone, `--cli PATH`
 * with another docker CLI than the engine's. What each stage came to is kept under reports/drop-in; `--write` makes docs/conformance.md of all that is kept, and `--page`
 * does that without playing.
 */
import { parseArgs } from 'node:util';
import { DEFAULT_ENGINE } from '../../src/lab/images/catalogue.ts';
import { SwarmtwinError } from '../../src/model/errors.ts';
import { differenceText, type Compared } from './compare.ts';
import { keepAnswers, writeConformance } from './conformance.ts';
import { versionOfClient } from './docker-client.ts';
import { playBoth } from './play-both.ts';
import { STAGES } from './script.ts';
import { ENGINE_LINES } from '../../src/model/engines.ts';

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: DEFAULT_ENGINE },
    cli: { type: 'string' },
    stage: { type: 'string', multiple: true, default: STAGES.map(({ name }) => name) },
    write: { type: 'boolean', default: false },
    page: { type: 'boolean', default: false },
  },
});

try {
  if (values.page) writeConformance();
  else await play();
} catch (caught) {
  if (!(caught instanceof SwarmtwinError)) throw caught;
  process.stderr.write(`${caught.message}\n`);
  process.exitCode = 3;
}

async function play(): Promise<void> {
  const engine = ENGINE_LINES.find((line) => line === values.engine);
  const stages = STAGES.filter(({ name }) => values.stage.includes(name));
  if (engine === undefined || stages.length === 0)
    throw new SwarmtwinError(
      'bad-usage',
      process.argv.slice(2).join(' '),
      `Engines are ${ENGINE_LINES.join(', ')}, stages ${STAGES.map(({ name }) => name).join(', ')}.`,
    );
  const say = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  const compared = await playBoth(engine, stages, say, values.cli);
  show(compared);
  const client = values.cli === undefined ? undefined : versionOfClient(values.cli);
  keepAnswers(engine, stages, compared, client);
  if (values.write) writeConformance();
}

function show(compared: readonly Compared[]): void {
  for (const each of compared)
    if (each.verdict !== 'same')
      process.stdout.write(
        `\n## ${each.part}: ${each.title} (${each.verdict}${each.reason && `: ${each.reason}`})\n   ${each.call}\n${differenceText(each)}\n`,
      );
  const bad = compared.filter(({ verdict }) => verdict === 'different' || verdict === 'healed');
  const same = compared.filter(({ verdict }) => verdict === 'same').length;
  process.stdout.write(`\n${compared.length} calls, ${same} same, ${bad.length} to explain\n`);
  process.exitCode = bad.length === 0 ? 0 : 1;
}
