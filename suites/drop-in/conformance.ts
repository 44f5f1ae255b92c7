/** docs/conformance.md from the answers: every call of the script and how the twin's answer compares. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../src/command/project.ts';
import type { Compared } from './compare.ts';
import { RULES } from './normalise.ts';

const PAGE = join(PROJECT_ROOT, 'docs', 'conformance.md');

export function writeConformance(compared: readonly Compared[]): void {
  writeFileSync(PAGE, conformancePage(compared));
}

export function conformancePage(compared: readonly Compared[]): string {
  const parts = [...new Set(compared.map(({ part }) => part))];
  const same = compared.filter(({ verdict }) => verdict === 'same').length;
  return `${[
    '# What the twin answers, beside real Swarm',
    '',
    'Made by `node suites/drop-in/main.ts --write`; not to be edited by hand. The same calls are made of three engines of real Swarm and of three of the',
    `twin, by the docker CLI or the Engine API, one after another. Of ${compared.length} calls ${same} are answered the same: exit code or status, and every`,
    'word on both streams, but for',
    '',
    ...RULES.map(([, by, what]) => `- ${what} (\`${by}\`)`),
    '- the width of columns, the order of keys, and that of lists of objects, which goes by random ids',
    ...parts.flatMap((part) => ['', `## ${upper(part)}`, '', ...tableOf(part, compared)]),
  ].join('\n')}\n`;
}

const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function tableOf(part: string, compared: readonly Compared[]): readonly string[] {
  const rows = compared.filter((each) => each.part === part);
  return [
    '| call | twin | why it differs |',
    '| --- | --- | --- |',
    ...rows.map(
      ({ title, verdict, reason }) =>
        `| ${title.replaceAll('|', '\\|')} | ${verdict === 'same' ? 'same' : 'differs'} | ${reason.replaceAll('|', '\\|')} |`,
    ),
  ];
}
