import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { mendHistory, withoutAnalytics } from './report.ts';

test('of the history of trends what was cut off is left out, and the rest is as it was', () => {
  const folder = mkdtempSync(join(tmpdir(), 'swarmtwin-report-'));
  const path = join(folder, 'history.jsonl');
  try {
    writeFileSync(path, '{"a":1}\n{"b":2}\n{"c":');
    mendHistory(path);
    expect(readFileSync(path, 'utf8')).toBe('{"a":1}\n{"b":2}\n');
    mendHistory(join(folder, 'none'));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("Allure's page is kept but for what tells Google that it is looked at", () => {
  const app = '<script   src="app.js"></script>';
  const own = '<script async>\n window.allureReportOptions = {"a":1}\n</script>';
  const loader = '<script async src="https://www.googletagmanager.com/gtag/js?id=G-1"></script>';
  const call = `<script>\n function gtag(){dataLayer.push(arguments);}\n gtag('js', new Date());\n</script>`;
  const plain = '<script>let a = 1;</script>';
  expect(withoutAnalytics(`${plain}${app}\n${loader}\n${call}\n${own}`).replace(/\n+/g, '')).toBe(
    `${plain}${app}${own}`.replace(/\n+/g, ''),
  );
});
