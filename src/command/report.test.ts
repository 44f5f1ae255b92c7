import { expect, test } from '@jest/globals';
import { withoutAnalytics } from './report.ts';

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
