/** One self-contained page: its shell, and the order of its parts. */
import type { RunReport } from '../model/timeline.ts';
import { claimMatrix } from './claim-matrix.ts';
import { escape } from './escape.ts';
import { exclusionTable } from './exclusion-table.ts';
import { matrixSection } from './matrix.ts';
import { pageHead } from './page-head.ts';
import { scenarioSections } from './scenario-section.ts';
import { scenarioTable } from './scenario-table.ts';
import { sinceSection } from './since.ts';
import { STYLE } from './style.ts';

/** Each gives HTML, or '' where there is nothing to show. */
const SECTIONS: readonly ((report: RunReport) => string)[] = [
  pageHead,
  sinceSection,
  scenarioTable,
  matrixSection,
  claimMatrix,
  scenarioSections,
  exclusionTable,
];

/** `script` is the page's own code, bundled from src/page; without it the page can be read all the same, but has no timelines and no filters. */
export function renderHtml(report: RunReport, script: string): string {
  const [head, ...rest] = SECTIONS.map((section) => section(report));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark"><title>swarmtwin ${escape(report.begun)}</title><style>${STYLE}</style></head>
<body><a class="skip" href="#scenarios">to the verdicts</a><header>${head ?? ''}</header>
<main>${rest.join('\n')}</main>
<script>${script.replace(/<\/script/gi, '<\\/script')}</script></body></html>
`;
}
